#= status: 1, like: "^bash: nowhere: unbound variable\n$", ending: SESSION_ENDED
set -u
echo "$nowhere"
echo not reached
