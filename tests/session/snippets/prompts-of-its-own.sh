# bash shows it once, before it is taken away again.
#= output: "set\nprompt> "
PS1='prompt> ' PS2='more> '
echo set
#= output: "quiet\n"
echo quiet
#= status: 1, line: 9
PS2='more> '
false
