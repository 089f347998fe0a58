#= status: 1, line: 2, output: "bash: local: can only be used in a function\n"
local variable=1
#= output: "1\n"
f() { local variable=1; echo $variable; }
f
