# It runs before the page's own commands, and what it prints as a step comes to its end is nobody's.
#= output: "debug\nhello\n"
trap 'echo debug' DEBUG
echo hello
#= output: "debug\nhello\n"
echo hello
#= status: 1, line: 8, like: "^debug\n"
false
#= output: "debug\n"
trap - DEBUG
#= output: "quiet\n"
echo quiet
