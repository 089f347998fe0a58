#= status: 1, line: 4
true
true &&
    false
