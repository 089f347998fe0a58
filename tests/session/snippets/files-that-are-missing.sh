# At a prompt the shell lives on.
#= status: 1, line: 3, output: "bash: nowhere/activate: No such file or directory\n"
source nowhere/activate
#= output: "next\n"
echo next
#= status: 1, line: 8, output: "1\nbash: nowhere: No such file or directory\n"
seq 1 2000000 | head -n 1
. nowhere; echo not reached
#= status: 1, line: 11, output: "bash: /nowhere: No such file or directory\n"
f() { x=/nowhere
. "$x"; echo not reached; }
f; echo not reached
#= status: 1, line: 14, output: "bash: nowhere: No such file or directory\n"
(. nowhere; echo not reached); echo not reached
#= output: "bash: nowhere: No such file or directory\nor\nin the file\non\n"
. nowhere || echo or
echo 'echo in the file' >file; . ./file; echo on
#= status: 1, line: 20, output: "in the file\nnow\n"
echo 'echo now; false; echo not reached' >failing
. ./file; . ./failing; echo not reached
#= status: 1, line: 23, output: "in the file\n"
. ./file
false; echo not reached
#= typed: true, status: 1, output: "bash: nowhere: No such file or directory\nstill here\n"
. nowhere; echo still here; false
#= typed: true, output: "next\n"
echo next
