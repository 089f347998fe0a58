#= status: 1, line: 5
false &
wait $! || true
sleep 0.1
false
