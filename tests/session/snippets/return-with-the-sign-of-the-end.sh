#= returned_early: true
PS2=0
return 0
#= returned_early: true
trap 'PS2=0' RETURN
return 0
