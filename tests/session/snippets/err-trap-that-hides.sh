# Traps that would hide a failure hide none. Where one is set in the same step, the failure ends the shell.
#= status: 1, line: 5, ending: SESSION_ENDED
trap : ERR
true
false
echo not reached
#=
trap : ERR
#= status: 1, line: 10
false
echo not reached
#=
trap '' ERR
#= status: 1, line: 15
false
#=
trap 'return 0' ERR
#= status: 1, line: 19
(exit 5)
