bash: line 7: $'l2 #x <&- && >f declare -a q=(1 2) & do v=(\n a # c\n b\n) ls a\\\nb "d |& a[1]=x declare -a q=(1 2) b q': command not found
