# What throws bash out of a snippet keeps its status where the page has traps, too.
#= status: 130, output: "\n"
kill -INT $$
#= output: ""
trap : USR1
#= status: 130, output: "\n"
kill -INT $$
#= output: "fine\n"
echo fine
