#= status: 1, output: ""
PS2='> '
false && true
#= returned_early: true
PS2='> '
return
#= returned_early: true
PS2='>
> '
return
