# It runs once more as a step comes to its end.
#= output: "debug\nhello\ndebug\n"
trap 'echo debug' DEBUG
echo hello
#= output: "debug\nhello\ndebug\n"
echo hello
#= status: 1, line: 8, like: "^debug\n"
false
#= output: "debug\n"
trap - DEBUG
#= output: "quiet\n"
echo quiet
