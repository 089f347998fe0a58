#= status: 1, line: 5
(
    cd /
    (
        false
    )
    echo not reached
)
