#= status: 3, line: 4, output: "before\n"
echo before
true
(exit 3)
echo not reached
#= output: "the session goes on\n"
echo the session goes on
