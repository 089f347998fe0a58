# A .bashrc asks for the prompt, and returns where there is none: a reader has one.
#= output: "interactive\n"
[ -n "$PS1" ] && echo interactive
#= typed: true, output: "interactive\n"
[ -z "$PS1" ] || echo interactive
#= output: "read on\n"
printf '[ -z "$PS1" ] && return\necho read on\n' > rc; . ./rc
#= typed: true, output: "read on\n"
source ./rc
#= output: "prompt> interactive\n"
PS1='prompt> '; [ -n "$PS1" ] && echo "${PS1}interactive"
#= typed: true, output: "prompt> \n"
echo "$PS1"
#= typed: true
trap : USR1
#= typed: true, output: "prompt> \n"
echo "$PS1"
#= typed: true
PS1=
#= typed: true, output: "quiet\n"
echo quiet
