"""Random bash commands, made from a seed: nested constructs, whole, cut off and broken."""

from __future__ import annotations

from random import Random

_OPERATORS = r"""
echo a b=1 x=( a[1]=( a[ ] ( ) (( )) { } [[ ]] if then elif else fi for while until select do done case in esac function
f f() ! coproc && || | |& & ; ;; ;& ;;& ' " ` \ $( ${ $(( $[ $' $" # <<E <<-E <<'E' <<\E E <<< <( >( > < >> 2> 2>&1 &>
<&- >| {fd}> $x ${x:- } $1 == =~ = -f -z -eq * a|b declare export 1 2 $$ ~ %
"""
_PIECES = [*_OPERATORS.split(), "\n", "\n", "\n", "\\\n", "\t", "# c\n", "\tE\n", "\nE\n", "$(cat <<E\n"]
_ARGUMENTS = r"""a b1 $x ./f --opt x=y 'q_r' "d_$x" $'a\'b' a\_b * 1 ~ ${x} in do then fi #x a#b"""
_WORDS = [*(word.replace("_", " ") for word in _ARGUMENTS.split()), "'l1\nl2'", '"m\nn"', "a\\\nb"]
_BODIES = ("text", "$(echo x)", "it's", "$ x", "# y", "> z", "back\\", "E x", "\tt", " E")


class Author:
    """Writes one command.

    Args:
        seed: which.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._documents: list[str] = []

    def text(self) -> str:
        """A command, or something like it."""
        random = self.random
        if random.random() < 0.25:
            return "".join(random.choice(_PIECES) + random.choice(" \n  ") for _ in range(random.randint(1, 14)))
        return self._broken(self.whole(random.randint(1, 4)))

    def whole(self, depth: int) -> str:
        """A command that is complete."""
        return (self.command(depth) + self._end(must=True)).removesuffix("\n")

    def _broken(self, text: str) -> str:
        random = self.random
        at, other = random.randint(0, len(text)), random.randint(0, len(text))
        return random.choice(
            [text, text, text[: max(1, at)], text[:at] + random.choice(_PIECES) + text[at:], text[:at] + text[at + 1 :]]
            + [text[at:] + text[:other]] * (random.random() < 0.3)
        )

    def command(self, depth: int) -> str:
        """One that is whole, but for here-documents that begin behind its line."""
        if depth <= 0 or self.random.random() < 0.3:
            return self._simple(depth)
        kinds = (self._if, self._loop, self._case, self._group, self._function, self._condition, self._joined)
        return self.random.choice(kinds)(depth - 1)

    def _word(self, depth: int) -> str:
        random = self.random
        if depth <= 0 or random.random() < 0.6:
            return random.choice(_WORDS)
        inner = random.choice(
            ["$(%)", '"$(%)"', "`echo b`", "${x:-@}", '"${x:-@}"', "$((1+(2*3)))", "$((1+$(%)))", "<(%)"]
        )
        # The documents of a substitution stand within it.
        outside, self._documents = self._documents, []
        word = inner.replace("%", self._list(depth - 1)).replace("@", self._word(depth - 1))
        self._documents = outside
        return word

    def _simple(self, depth: int) -> str:
        random = self.random
        parts = [random.choice(["", "", "", "", "v=1 ", "v=(a b) ", "v=(\n a # c\n b\n) ", "a[1]=x ", ">f "])]
        parts.append(random.choice(["echo", "cat", "true", ":", "ls", "export v=1", "declare -a q=(1 2)"]))
        parts += [" " + self._word(depth) for _ in range(random.randint(0, 3))]
        parts.append(random.choice(["", "", "", " >f", " 2>&1", " <<<a", " &>f", " <&-", " {fd}>f"]))
        if random.random() < 0.15:
            end = random.choice(["E", "'E'", '"E"', "\\E", "E_F"])
            tabs = random.choice(["", "-"])
            body = [random.choice(_BODIES) + "\n" for _ in range(random.randint(0, 3))]
            last = ("\t" if tabs and random.random() < 0.3 else "") + end.strip("'\"\\") + "\n"
            self._documents.append("".join(body) + last)
            parts.append(f" <<{tabs}{end}")
        return "".join(parts)

    def _end(self, *, must: bool = False) -> str:
        documents, self._documents = self._documents, []
        if documents or must or self.random.random() < 0.5:
            return self.random.choice(["", " # c"]) + "\n" + "".join(documents)
        return self.random.choice(["; ", " & "])

    def _list(self, depth: int) -> str:
        return "".join(self.command(depth) + self._end() for _ in range(self.random.randint(1, 2)))

    def _if(self, depth: int) -> str:
        text = f"if {self._list(depth)}then {self._list(depth)}"
        if self.random.random() < 0.3:
            text += f"elif {self._list(depth)}then {self._list(depth)}"
        if self.random.random() < 0.4:
            text += f"else {self._list(depth)}"
        return f"{text}fi"

    def _loop(self, depth: int) -> str:
        head = self.random.choice(["for i in a do; ", "for ((i=0;\ni<3;i++)); ", "while %", "until %", "select i\n"])
        return f"{head.replace('%', self._list(depth))}do {self._list(depth)}done"

    def _case(self, depth: int) -> str:
        clauses = ""
        for _ in range(self.random.randint(0, 2)):
            pattern = self.random.choice(["a", "(a", "a|b", "(*", "'x y'"])
            clauses += f"{pattern}) {self.random.choice([self._list(depth), ''])}{self.random.choice([';;', ';&'])}\n"
        return f"case {self._word(0)} in\n{clauses}esac"

    def _group(self, depth: int) -> str:
        opening, closing = self.random.choice(["{}", "()"])
        return f"{opening} {self._list(depth)}{closing}"

    def _function(self, depth: int) -> str:
        return f"{self.random.choice(['f()', 'function f', 'f ()', 'function f ()'])} {self._group(depth)}"

    def _condition(self, _depth: int) -> str:
        test = self.random.choice(["-f a", "a == b*", "$x =~ ^(a|b)$", "a < b", "! -z $x", "( a || b )", "x == @(a|b)"])
        return self.random.choice([f"[[ {test} ]]", f"[[ {test} &&\n b ]]", "(( x + (1) ))"])

    def _joined(self, depth: int) -> str:
        joint = self.random.choice([" | ", " |\n", " && ", " ||\n", " |& "])
        if self._documents:
            joint = joint.rstrip("\n")
        first = self.command(depth)
        if joint.endswith("\n"):
            joint += "".join(self._documents)
            self._documents = []
        return first + joint + self.command(depth)
