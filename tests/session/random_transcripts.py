"""Transcripts from a seeded grammar: commands as people type them, combined in all ways that bash knows."""

from __future__ import annotations

from random import Random

_PLAIN = (
    *("true", "false", ":", "echo one", "echo two three", "printf 'x\\n'", "printf 'no end'", "(exit 3)", "(exit 141)"),
    *("nosuchcommand", "cat nosuchfile", "cat file", "test -e nosuchfile", "[ 1 -gt 2 ]", "[[ a == a* ]]", "((0))"),
    *("((2 > 1))", "cd nosuchfolder", "cd /tmp", "cd -", "pwd", "echo $?", 'echo "$?"', "x=5", "x=$(false)", "echo $x"),
    *("unset x", "echo ${x:-none}", "echo {a,b}{1,2}", "echo *.none", "echo file*", "list=(a b c)", "echo ${list[1]}"),
    *("seq 3", "seq 1 100000 | head -n 1", "grep -c e file", "grep q file", "wc -l <file", "cat <nosuchfile", "hello"),
    *("sh -c 'exit 4'", "bash -c 'kill -9 $$'", "kill -0 1", "type hello", "let n=n+1", "echo $n", "local y=1"),
    *("return 4", "break", "shift 9", "read -r line <file", "echo $line", "echo to the other >&2", "nosuch=1 false"),
    *("trap 'echo left' EXIT; trap - EXIT", "declare -r fixed=1", "umask", "alias", "! true", "! false", "wait"),
    *("eval 'echo evaluated; false'", "source ./tool.sh", "source ./nosuchfile", ". ./returns.sh", "echo $#"),
    *("echo $((7 / 2))", "echo $((1 / 0))", "echo ${x?unset}", "[ a = ]", "test 1 -eq x", "echo $_", "set -- a b"),
    "echo one >/nosuch/out",
)  # fmt: skip
# All of them read to the end before they print: with others, chance would have a say in the order of what is shown.
_FILTERS = ("sort", "sort -r", "wc -l", "tail -n 1", "{ wc -c; false; }", "(wc -l; exit 5)")
_OUTPUT = (">out", ">>out", ">/dev/null", "&>out")
_SWITCHES = ("set -e", "set -u", "set -o pipefail", "set -f", "set -eu -o pipefail", "trap 'echo trapped $?' EXIT")
_BEGINNING = (
    "printf 'hello\\nother\\n' >file; hello() { echo \"hello ${1:-you}\"; return ${2:-0}; }",
    "printf '%s\\n' 'tool=1' 'false' 'echo sourced' >tool.sh; printf 'return 7\\n' >returns.sh",
)
_DEPTH = 2


def transcripts(seed: int, number: int) -> list[list[str]]:
    """So many transcripts of some commands each, always the same ones for a seed."""
    chance = Random(seed)
    return [[*_BEGINNING, *(_typed(chance) for _ in range(5)), 'echo "$? ${x-} ${n-} $PWD"'] for _ in range(number)]


def _typed(chance: Random) -> str:
    text = chance.choice((_list, _list, _list, _block, _block))(chance, _DEPTH)
    # Not within a pipeline: whoever reads there would be done before what is written aside.
    return f"{text} {chance.choice(_OUTPUT)}" if chance.random() < 0.1 and not text.endswith("END") else text


def _list(chance: Random, depth: int) -> str:
    parts = [_pipeline(chance, depth)]
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        parts += [chance.choice(("; ", "; ", " && ", " || ")), _pipeline(chance, depth)]
    return "".join(parts)


def _pipeline(chance: Random, depth: int) -> str:
    parts = [_command(chance, depth)]
    parts += [chance.choice(_FILTERS) for _ in range(chance.choice((0, 0, 0, 1, 1, 2)))]
    return chance.choice(("", "", "", "", "! ")) + " | ".join(parts)


def _command(chance: Random, depth: int) -> str:
    plain = chance.choice(_PLAIN)
    if not depth:
        return plain
    return chance.choice(
        (
            plain,
            plain,
            plain,
            plain,
            f"{plain} 2>&1",
            f"{plain} 2>/dev/null",
            f"( {_list(chance, depth - 1)} )",
            f"{{ {_list(chance, depth - 1)}; }}",
            f"( {chance.choice(_SWITCHES)}; {_list(chance, depth - 1)} )",
            f"echo \"[$({_list(chance, depth - 1)})]\"",
            f"if {_list(chance, depth - 1)}; then echo yes; else echo no; fi",
            f"for i in 1 2; do {_list(chance, depth - 1)}; done",
        )
    )  # fmt: skip


def _block(chance: Random, depth: int) -> str:
    """A command of several lines."""
    one, other = _list(chance, depth - 1), _list(chance, depth - 1)
    return chance.choice(
        (
            f"for i in a b\ndo\n  {one}\ndone",
            f"if {one}\nthen\n  {other}\nfi",
            f"while read -r line\ndo\n  {one}\ndone <file",
            f"work() {{\n  {one}\n  {other}\n}}; work",
            f"cat <<END | {chance.choice(_FILTERS)}\none $x\n$({one})\nEND",
            f"case $x in\n  5) {one};;\n  *) {other};;\nesac",
            f"(\n  {chance.choice(_SWITCHES)}\n  {one}\n  {other}\n)",
            f"{{\n  {one}\n  {other}\n}} 2>&1 | {chance.choice(_FILTERS)}",
            f"{one} &&\n  {other}",
            f"echo 'two\nlines'; {one}",
            f"{one} |\n  {chance.choice(_FILTERS)}",
        )
    )  # fmt: skip
