#= status: 2, line: 2, ending: SESSION_ENDED, like: "unexpected EOF while looking for matching"
echo "unclosed
echo more
#= output: "goes on\n"
echo goes on
