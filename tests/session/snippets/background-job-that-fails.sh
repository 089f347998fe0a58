#= output: "goes on\n"
false &
wait $! || true
echo goes on
#= status: 1, line: 7
false &
wait $!
