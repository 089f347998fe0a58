#= status: 1, line: 3
IFS=0123456789
false
#= output: "fine\n"
echo fine
