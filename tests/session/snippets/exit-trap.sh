#= output: ""
trap 'echo bye' EXIT
#= output: "hello\n"
echo hello
#= ending: SESSION_ENDED, status: 3, output: "bye\n"
exit 3
