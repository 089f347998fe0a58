#= status: 7, line: 2, output: "in\n"
(echo in; (exit 7); echo not reached)
echo not reached
#= status: 1, line: 7
(
    true
    false
    echo not reached
)
echo not reached
