# As at a reader's prompt: the status is that of the whole line.
#= typed: true, output: "2\n"
ls /nowhere 2>/dev/null; echo $?
#= typed: true, output: "grep said 2\n"
grep -c root /nowhere 2>/dev/null; echo "grep said $?"
#= typed: true
false; true
#= typed: true, status: 1
true; false
#= typed: true, output: "1\n"
echo $?
#= typed: true
false | true
#= typed: true, output: "1 0\n"
echo ${PIPESTATUS[@]}
#= typed: true, output: "1\n"
seq 1 2000000 | head -n 1
#= typed: true, like: "^\\[1\\] \\d+\n$"
sleep 100 &
#= typed: true, like: "^\\[1\\]\\+  Running +sleep 100 &\n$"
jobs
#= typed: true
kill %1
#= typed: true, output: "clean\n"
set +m; wait; echo clean
#= typed: true
mkdir folder
#= typed: true
cd $_
#= typed: true, like: "/folder\n$"
pwd
#= typed: true, status: 2, output: "bash: syntax error near unexpected token `)'\n"
echo )
#= typed: true, status: 1, output: "bash: nothing: parameter null or not set\n"
echo ${nothing:?}; echo not reached
#= typed: true, output: "lives\n"
echo lives
#= typed: true, status: 1, output: "bash: 08: value too great for base (error token is \"08\")\n"
echo $((08 + 1))
#= typed: true, status: 2, output: "bash: return: can only `return' from a function or sourced script\n"
return 3
#= typed: true, status: 1, output: "bash: local: can only be used in a function\n"
local x
#= typed: true, output: "..\n"
echo "$(dirname "${BASH_SOURCE[0]}")."
#= typed: true, output: "1\n2\n"
for i in 1 2; do
  echo $i
done
#= typed: true, output: "text\n"
cat <<END
text
END
# Without a terminal bash has no job control, and says nothing of it.
#= typed: true, status: 137
sh -c 'kill -9 $$'
#= typed: true, output: "prompt set\n"
PS1='\u@\h:\w\$ '; echo prompt set
#= typed: true, output: "\\u@\\h:\\w\\$ \n"
echo "$PS1"
#= typed: true, output: "set\n"
PROMPT_COMMAND='echo before each prompt; PS1="new> "'; echo set
#= typed: true, output: "quiet\n"
echo quiet
#= output: "quiet\n"
echo quiet
#= typed: true
unset PROMPT_COMMAND
#= typed: true
set -o pipefail
#= typed: true, status: 1
false | true
#= status: 1, line: 74
false | true
#= typed: true, status: 1
false | true
#= typed: true
set +o pipefail
#= typed: true
false | true
#= typed: true, output: "error 1\n"
trap 'echo error $?' ERR; false; true
#= typed: true, output: "error 1\nand on\n"
false; echo and on
#= output: "goes on\n"
trap - ERR; echo goes on
#= typed: true, status: 1
set -e; echo "$-" | grep -q e; set +e; false
#= status: 1, line: 91
set -u
false
#= typed: true, status: 1, output: "bash: nothing: unbound variable\n"
echo $nothing; echo not reached
#= typed: true, output: "unset\n"
unset PS1 PS2 PROMPT_COMMAND; echo unset
#= output: "fine\n"
echo fine
#= typed: true, status: 3, ending: SESSION_ENDED, output: "exit\n"
exit 3
#= typed: true
echo new >/dev/null
#= typed: true, status: 1, ending: SESSION_ENDED
set -e
false
