#= ending: SESSION_ENDED, status: 137, output: "before\n"
echo before
kill -9 $$
echo not reached
#= output: "a new shell\n"
echo a new shell
