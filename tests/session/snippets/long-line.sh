#= output: "100000\n"
line=$(printf '%0100000d' 0)
echo ${#line}
