# bash prints PS0 once it has read a command: it is a prompt, belongs to no output, and lives on.
#= typed: true
PS0='running\n'
#= typed: true, output: "a\n"
echo a
#= typed: true, status: 1
false
#= output: "running\\n\n"
echo "$PS0"
#= status: 1, line: 11
false
#= typed: true, output: "running\\n\n"
echo "$PS0"; PS0=
#= typed: true, output: "\n"
echo "$PS0"
