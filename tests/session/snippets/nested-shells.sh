#= status: 3, line: 2, output: "inner\n"
bash -c 'echo inner; exit 3'
#= output: "no errexit inside\n"
bash -c 'false; echo no errexit inside'
