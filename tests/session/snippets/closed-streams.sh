#= output: ""
exec >&- 2>&- <&-
#= status: 1, line: 4
false
#= status: 1, line: 6
echo nowhere to go
#= status: 0
true
