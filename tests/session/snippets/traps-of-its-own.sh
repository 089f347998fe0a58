#= output: ""
trap 'echo "its own trap"' ERR
#= status: 1, line: 5, output: "its own trap\n"
true
false
echo not reached
#= like: 'its own trap'
trap -p ERR
#= output: ""
trap - ERR
#= status: 1, line: 12
false
