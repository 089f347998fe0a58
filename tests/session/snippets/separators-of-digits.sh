#= status: 1, line: 3
IFS=0123456789
false
#= output: "fine\n"
echo fine
#= output: "yes\n"
if seq 1 2000000 | grep -q 5; then echo yes; fi
#= typed: true
IFS=,
#= typed: true, output: "a b\n"
echo a,b | tr , ' '
#= typed: true, output: "1,0\n"
false | true; echo "${PIPESTATUS[*]}"
#= typed: true, status: 3
IFS=$'\n'; true | (exit 3)
#= typed: true, output: "0\n3\n"
echo "${PIPESTATUS[*]}"
