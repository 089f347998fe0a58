#= returned_early: true, output: "before\n"
echo before
return
echo not reached
#= status: 3, returned_early: true
return 3
#= output: "goes on\n"
f() { return 0; }
f
echo goes on
