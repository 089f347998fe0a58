# A page that lifts set -e goes on after failures, within that step.
#= output: "went on\n"
set +e
false
echo went on
#= status: 1, line: 7
false
echo not reached
