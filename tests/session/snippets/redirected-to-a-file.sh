#= output: ""
exec 3>&1 >log
echo into the log
exec >&3 3>&-
#= output: "into the log\n"
cat log
