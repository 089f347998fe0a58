#= status: 3, returned_early: true
PS2=$(printf '%070000d' 0)
return 3
#= output: "still here\n"
echo still here
