#= ending: SESSION_ENDED, status: 0, output: "replaced\n"
exec echo replaced
#= ending: SESSION_ENDED, status: 3, output: ""
exec sh -c 'exit 3'
#= status: 127, ending: SESSION_ENDED, like: "no-such-command: not found"
exec no-such-command
