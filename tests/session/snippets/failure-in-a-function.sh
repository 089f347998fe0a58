# The line inside the function, not the one that calls it.
#= status: 1, line: 5, output: "in\n"
f() {
    echo in
    false
    echo not reached
}
f
echo not reached
