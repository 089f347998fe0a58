#= status: 127, line: 3, output: "bash: no-such-command: command not found\n"
true
no-such-command --with words
echo not reached
