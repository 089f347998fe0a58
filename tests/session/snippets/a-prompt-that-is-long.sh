#= status: 3, returned_early: true, line: 3
PS2=$(printf '%070000d' 0)
return 3
#= output: "still here\n"
echo still here
