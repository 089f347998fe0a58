# A prompt belongs to no output, and lives on.
#= output: "set\n"
PS1='prompt> ' PS2='more> '
echo set
#= output: "quiet\n"
echo quiet
#= status: 1, line: 9
PS2='more> '
false
#= status: 1, line: 12
PS2='2> '
false; echo not reached
#= status: 1, line: 15
PS2=L
false; echo not reached
