# One more + than at a prompt.
#= output: "++ echo hello\nhello\n"
set -x
echo hello
#= output: "++ echo again\nagain\n++ set +x\n"
echo again
set +x
#= output: "quiet\n"
echo quiet
#= status: 1, line: 12, output: "++ false\n"
set -x
false
#= output: "++ true\n"
true
