#= status: 1, line: 4, output: "before\n"
set -euo pipefail
echo before
false
#= output: "alive\n"
echo alive
