#= output: "started\n"
sleep 60 &
echo started
#= output: "alive\n"
kill -0 $!
echo alive
#= status: 0, like: "^$|Terminated"
kill $!
wait $! || true
