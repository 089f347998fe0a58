#= output: ""
trap "echo \"first 'line'\"
echo 'second \ line'" ERR
#= status: 1, line: 6, output: "first 'line'\nsecond \\ line\n"
true
false
#=
trap - ERR
trap 'true
true' DEBUG
#= status: 1, line: 13
true
false
