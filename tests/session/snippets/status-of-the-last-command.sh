#= status: 1, line: 2
false
#= output: "1\n"
echo $?
#= output: "0\n"
echo $?
#= status: 42, line: 8
(exit 42)
#= status: 42, line: 10
(exit $?)
