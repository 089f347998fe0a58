#= ending: SESSION_ENDED, status: 3, output: "before\n"
echo before
exit 3
#= output: "a new shell\n"
echo a new shell
#= ending: SESSION_ENDED, status: 0
exit
