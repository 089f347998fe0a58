#= output: ""
trap 'echo debug' DEBUG
#= status: 1, line: 5, like: "^debug\ndebug\n"
true
false
echo not reached
