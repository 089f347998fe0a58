#= output: "else\nor\nnot\nand\nwhile\n"
if false; then echo then; else echo else; fi
false || echo or
! true
! false && echo not
true && false || echo and
while false; do :; done; echo while
#= status: 1, line: 9
true && true && false
#= status: 0, output: "goes on\n"
false && true
echo goes on
f() { false; echo "went on in a condition"; }
#= output: "went on in a condition\n"
if f; then :; fi
#= output: "went on in a condition\n"
f || true
