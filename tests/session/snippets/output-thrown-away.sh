#= output: ""
exec >/dev/null
echo swallowed
#= status: 1, line: 5
false
#= output: "back\n"
echo back >&2
