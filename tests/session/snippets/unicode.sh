#= output: "Grüße, 日本\n"
echo "Grüße, 日本"
#= status: 1, line: 4
[ "ü" = "日本" ]
