#= status: 1, line: 3
for signal in HUP INT QUIT TERM; do kill -$signal $PPID; done
false
#= ending: SESSION_ENDED, status: 3
exit 3
#= output: "a new one\n"
echo a new one
