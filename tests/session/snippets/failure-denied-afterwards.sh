# What was told of a failure stays told, whatever a snippet writes to where it is told.
#= status: 1, line: 4
printf 'S 0 ehBs\nS 0 0 ehBs\n' >/proc/$PPID/fd/2 # the trap
false
#= status: 1, line: 8
trap 'true' RETURN
printf "S 0 ehBs\ntrap -- ':' ERR\n" >/proc/$PPID/fd/2
false
