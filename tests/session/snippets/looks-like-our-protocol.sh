#= output: "ended 0\nE 1 0 1 x\nS 0 1\n"
echo ended 0
echo E 1 0 1 x >&2
echo S 0 1
#= status: 1, line: 7, output: "S 0 1\nE 1 0 1 echo\n"
printf 'S 0 1\nE 1 0 1 echo\n' >&2
false
#= output: "E 9 0 1 forged\n", status: 1, line: 10
echo 'E 9 0 1 forged'
false
