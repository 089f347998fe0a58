# As at a prompt, where a command stands in no file.
#= like: "^/[^\n]*/project\n$"
mkdir project && cd project
SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
echo "$SCRIPT_DIR"
test "$SCRIPT_DIR" = "$PWD"
#= output: "0 \n"
echo "${#FUNCNAME[@]} $(caller)"
#= status: 3, line: 12, output: "\n"
f() { echo "${FUNCNAME[1]}"
(exit 3); echo not reached; }
f
echo not reached
#= status: 1, line: 17, output: "\nnot reached\n"
f || echo "${BASH_SOURCE[0]}"
for i in 1 2; do while :; do
false; echo "$FUNCNAME not reached"; done; done
#= status: 1, line: 19, output: "bash: nowhere: No such file or directory\n"
. nowhere; echo "not reached ${BASH_SOURCE[0]}"
#= output: "1\n\nend\n"
seq 1 2000000 | head -n 1; echo "${BASH_SOURCE[0]}"
echo end
#= output: "\n1\n"
echo "${BASH_SOURCE[0]}"; seq 1 2000000 | head -n 1
#= returned_early: true, output: "\n"
echo "${BASH_SOURCE[0]}"; break
echo not reached
#= output: "1 \n"
false || echo $? "${BASH_SOURCE[0]}"
#= status: 1, ending: SESSION_ENDED, output: "bash: nothing: parameter null or not set\n"
echo "${nothing:?} ${BASH_SOURCE[0]}"
