# The line of the page, not that of the file.
#= status: 1, line: 5, output: "in\n"
printf 'echo in\nfalse\necho not reached\n' >file
true
. ./file
echo not reached
#= output: "alive\n"
echo alive
