#= status: 1, line: 3
IFS=0123456789
false
#= output: "fine\n"
echo fine
#= output: "yes\n"
if seq 1 2000000 | grep -q 5; then echo yes; fi
