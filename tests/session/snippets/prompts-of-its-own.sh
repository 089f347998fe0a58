# A prompt belongs to no output, and lives on.
#= output: "set\n"
PS1='prompt> ' PS2='more> '
echo set
#= output: "quiet\n"
echo quiet
#= status: 1, line: 9
PS2='more> '
false
