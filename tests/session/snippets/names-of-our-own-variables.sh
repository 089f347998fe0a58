#= output: "page\n"
left=page right=page state=page line=page token=page
echo $token
#= output: "page page\n"
echo $left $token
#= status: 1, line: 7
false
