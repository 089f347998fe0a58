#= status: 4, line: 2
(exit 4)
#= output: "alive\n"
(exit 0)
echo alive
