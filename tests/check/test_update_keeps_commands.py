"""`--update` replaces outputs, and never a line that may be a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from fencepost.check.job import Job
from fencepost.check.rewriting import Rewriting, rewriting_of
from fencepost.kinds.result import StepResult
from fencepost.transcript.match import matches
from fencepost.transcript.parse import TranscriptProblem, parse_transcript
from fencepost.verdicts import Verdict
from tests.helpers.site_builder import SiteBuilder

ROOT = Path(__file__).parents[2]
HEAD = "---\nmachine: debian-12\n---\n\n"
FENCE = HEAD + "```console\n{}\n```\n\n```console\n$ other\nold\n```\n"


def update(build: SiteBuilder, printed: Sequence[str], *, others: str = "") -> Rewriting:
    """Updates the site's page, as if its commands had printed this, and those of other fences something else."""
    site = build.read()
    (page,) = site.read_pages()
    job = Job(page, site.machine("debian-12"))
    results = []
    for number, snippet in enumerate(page.snippets):
        commands = parse_transcript(snippet.source)
        outputs = printed if not number else [others] * len(commands)
        told = tuple(zip(commands, outputs, strict=False))
        results.append((job, StepResult(snippet, Verdict.FAILED, printed=told, differs=True)))
    rewriting = rewriting_of(results, build.folder)
    rewriting.write(build.folder)
    return rewriting


# name: (the transcript, what each command printed, the line that is kept, counted in the transcript)
KEPT = {
    "another command of root's": ("$ echo a\na\n# echo b\nb", ["a\n"], 2),
    "a comment": ("$ echo a\nold\n\n# now b\n$ echo b\nb", ["a\n", "b\n"], 3),
    "a host's prompt": ("$ echo a\na\nme@host:~$ echo b\nb", ["a\n"], 2),
    "a host's prompt, of zsh": ("$ echo a\na\nme@host ~ % echo b\nb", ["a\n"], 2),
    "a host's prompt, of root": ("$ echo a\na\nroot@host:/etc# echo b\nb", ["a\n"], 2),
    "a host's prompt in brackets": ("$ echo a\na\n[me@host ~]$ echo b\nb", ["a\n"], 2),
    "a bare zsh": ("$ echo a\na\n% echo b\nb", ["a\n"], 2),
    "a bare bash": ("$ echo a\na\nbash-5.2$ echo b\nb", ["a\n"], 2),
    "a modern prompt": ("$ echo a\na\n\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} echo b\nb", ["a\n"], 2),
    "a bare root": ("$ echo a\na\nroot# echo b\nb", ["a\n"], 2),
    "a container's root": ("$ docker run alpine\n/ # echo b\nb", [""], 1),
    "a folder's prompt": ("$ echo a\na\n~/src $ echo b\nb", ["a\n"], 2),
    "a branch in a prompt": ("$ echo a\na\nme@host:/srv (main)$ echo b\nb", ["a\n"], 2),
    "a sign of two": ("$ echo a\na\n$> echo b\nb", ["a\n"], 2),
    "a prompt of two lines": ("$ echo a\na\n\N{BOX DRAWINGS LIGHT UP AND RIGHT}\u2500$ echo b\nb", ["a\n"], 2),
    "Ruby": ("$ irb\nirb(main):001:0> puts 1\n1", [""], 1),
    "a second prompt beneath root's": ("# echo a\na\n% echo b\nb", ["a\n"], 2),
    "Python": ("$ python3\n>>> print(1)\n1", ["Python 3\n"], 1),
    "Python, a further line": ("$ python3\n>>> if 1:\n...     2\n2", [">>> if 1:\n2\n"], 2),
    "IPython": ("$ ipython\nIn [1]: 1\nOut[1]: 1", [""], 1),
    "a data base": ("$ mysql\nmysql> show tables;\nnone", [""], 1),
    "a data base, a further line": ("$ mysql\nmysql> show\n    -> tables;\nnone", [""], 1),
    "another data base": ("$ psql\npostgres=# \\d\nnone", [""], 1),
    "PowerShell": ("$ pwsh\nPS C:\\> dir\nnone", [""], 1),
    "a prompt that the update doesn't reach": ("$ echo a\nold\n$ echo b\n# echo c\nc", ["a\n", "c\n"], 3),
    "a prompt in an environment": ("# id\nold\n(v)$ id", ["a\n"], 2),
}


@pytest.mark.parametrize(("transcript", "printed", "line"), KEPT.values(), ids=KEPT)
def test_a_line_that_may_be_a_command_is_kept(
    build: SiteBuilder, transcript: str, printed: list[str], line: int
) -> None:
    build.machine("debian-12")
    page = build.write("docs/page.md", FENCE.format(transcript))
    rewriting = update(build, printed, others="new")
    # The other fence is none of its business.
    assert page.read_text() == FENCE.format(transcript).replace("\nold\n```\n", "\nnew\n```\n")
    (problem,) = rewriting.problems
    assert f"`{transcript.splitlines()[line]}` may be a command, and would be lost" in problem.message
    assert "backslash" in problem.fix
    assert (problem.file, problem.line) == ("docs/page.md", 6 + line)


# name: (the transcript, what each command printed, the transcript afterwards)
CHANGED = {
    "a continuation without a sign": ("$ echo a \\\n    b\nold", ["a b\n"], "$ echo a \\\n    b\na b"),
    "a loop without signs": ("$ for i in 1; do\n  echo $i\ndone\nold", ["1\n"], "$ for i in 1; do\n  echo $i\ndone\n1"),
    "comments above": (
        "# true and simple\n\n$ echo twelve\nold",
        ["twelve\n"],
        "# true and simple\n\n$ echo twelve\ntwelve",
    ),
    "what looks like a continuation": (
        '$ echo "> $(echo cited)"\n> old',
        ["> cited\n"],
        '$ echo "> $(echo cited)"\n> cited',
    ),
    "a prompt in an environment": (
        "$ . .v/bin/activate\n(.v) $ echo 1\nold\n(.v) $ echo 2\n2",
        ["", "1\n", "2\n"],
        "$ . .v/bin/activate\n(.v) $ echo 1\n1\n(.v) $ echo 2\n2",
    ),
    "a blank line between commands": ("$ one\nold\n\n\n$ two\n2", ["1\n", "2\n"], "$ one\n1\n\n\n$ two\n2"),
    "what is said to be output": ("$ cat f\n\\# a\nold", ["# b\n"], "$ cat f\n\\# b"),
    "a comment in an output that stays": ("$ cat f\n# a\nold", ["# a\nnew\n"], "$ cat f\n# a\nnew"),
    "a pattern": ("$ cat f\n# [a-z] (re)\nold", ["new\n"], "$ cat f\nnew"),
    "prompts that came": (
        "$ cat f\nold",
        ["(v) $ x\n# y\nme@host:~$ z\n>>> 1\n> 2\n"],
        "$ cat f\n\\(v) $ x\n\\# y\n\\me@host:~$ z\n\\>>> 1\n> 2",
    ),
    "prompts that no page can hold": ("$ cat f\nold", ["(v) $ \u2028x\n"], "$ cat f\n[(]v) $ *x (glob)"),
}


@pytest.mark.parametrize(("transcript", "printed", "afterwards"), CHANGED.values(), ids=CHANGED)
def test_an_output_is_updated(build: SiteBuilder, transcript: str, printed: list[str], afterwards: str) -> None:
    build.machine("debian-12")
    page = build.write("docs/page.md", FENCE.format(transcript))
    assert not update(build, printed, others="old").problems
    assert page.read_text() == FENCE.format(afterwards)
    assert not update(build, printed, others="old").files


ANGLE = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} "
PROMPTS = (
    "$ ",
    "# ",
    "/ # ",
    "root# ",
    "me@h:~ (b)$ ",
    "(v) $ ",
    "(a) (b) # ",
    "me@host:~$ ",
    "root@host:/# ",
    "[me@host ~]$ ",
    "% ",
    "sh-5.2# ",
    ANGLE,
)
REPLS = (">>> ", "In [1]: ", "mysql> ", "postgres=# ", "PS C:\\> ")
# Each is complete, and its further lines begin with no prompt.
COMMANDS = [
    "true",
    "cat",
    "echo 'a\nb'",
    "for i in 1; do\n  echo\ndone",
    "cat <<E\n\n> a\n E\nE",
    "echo a \\\n  b",
    "echo a \\\n  'b\n\n> c'",
    "",
    "f() {\ntrue\n}",
    "true |\ncat",
    "echo \\# # a",
    "[[ a ]] &&\n\n  true",
    "echo ${x}[{(' '",
]
typed = some.sampled_from(COMMANDS)
prompted = some.builds(
    str.__add__, some.sampled_from(PROMPTS + REPLS), some.sampled_from(["a", "cat <<E", "'", "b \\", ""])
)
hostile = (
    some.sampled_from(
        ["> a", ">", "> ", "  b", "done", "E", "", " ", "\ta", "#a", "$a", "$", "#", "(v) $", "\r", "a\rb"]
    )
    | some.sampled_from(
        ["...", "...     b", "    -> c", "\\", "a\\", "\\$ a", "\\> a", "[1]", "[300]", "a\x00b", "$\x0b"]
    )
    | some.sampled_from(["# a (re)", "a (glob)", "[ab] (re)", "```", "~~~", "--8<-- x", "a\rb", "$\x0b"])
)
lines = prompted | hostile | some.text("ab $#>\\'\t()", max_size=6)
shown = some.lists(lines, max_size=5)
printed_by = some.lists(lines | some.text(max_size=6), max_size=5).map("\n".join)
signs = some.sampled_from(["$ ", "(v) $ ", "# "])


class Written:
    """A transcript of which the commands are known, because they were written so."""

    def __init__(self, draw: some.DrawFn) -> None:
        root = draw(some.booleans())
        own = re.compile(r"(\([^\s()]+\) )*[#](?: |\Z)" if root else r"(\([^\s()]+\) )*[$](?: |\Z)")
        self.commands: list[str] = []
        self.typed: list[str] = []
        self.shown: list[list[str]] = []
        text = [] if root else draw(some.lists(some.sampled_from(["# it's", "#", "", "# b"]), max_size=2))
        self.above = list(text)
        for command in draw(some.lists(typed, min_size=1, max_size=3)):
            prompt = draw(some.sampled_from(["# ", "(v) # "] if root else ["$ ", "(v) $ "]))
            first, *further = command.split("\n")
            signed = bool(further) and (draw(some.booleans()) or f"{further[0]} ".startswith("> "))
            rows = [prompt + first, *(f"> {line}" if signed else line for line in further)]
            beneath = [line for line in draw(shown) if "\n" not in line and "\r" not in line and not own.match(line)]
            # In a page of root's a line with `$` would be another reading of all of it.
            if root:
                beneath = [line for line in beneath if not re.match(r"(\([^\s()]+\) )*[$](?: |\Z)", line)]
            self.commands.append(command)
            self.typed += rows
            self.shown.append(beneath)
            text += [*rows, *beneath]
        self.text = "\n".join(text)


@some.composite
def transcripts(draw: some.DrawFn) -> Written:
    return Written(draw)


def kept_in_order(rows: Sequence[str], text: str) -> bool:
    """Whether all of these lines stand in a text, in this order."""
    there = iter(text.split("\n"))
    return all(any(row.rstrip() == line.rstrip() for line in there) for row in rows)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(some.data(), transcripts())
def test_the_commands_stay_whatever_is_printed(
    tmp_path_factory: pytest.TempPathFactory, data: some.DataObject, written: Written
) -> None:
    assume(not re.search(r"^\s*(```|~~~|;*-+8<-+)|[\x00\x0b\x0c\r]", written.text, re.MULTILINE))
    build = SiteBuilder(tmp_path_factory.mktemp("site") / "site")
    build.machine("debian-12")
    page = build.write("docs/page.md", HEAD + f"```console\n{written.text}\n```\n")
    before = page.read_bytes()
    (snippet,) = build.read().read_pages()[0].snippets
    # Markdown itself may take blanks at the ends of lines for its own.
    assume(snippet.source == written.text.rstrip("\n"))
    assert [command.source for command in parse_transcript(snippet.source)] == written.commands
    printed = [data.draw(printed_by) for _ in written.commands]

    rewriting = update(build, printed)
    after = page.read_text()
    # Read in three ways: by the parser, by the lines that were typed, and by those that begin with any prompt.
    (snippet,) = build.read().read_pages()[0].snippets
    commands = parse_transcript(snippet.source)
    assert [command.source for command in commands] == written.commands
    assert kept_in_order([*written.above, *written.typed], after)
    maybe = [line for line in written.text.split("\n") if line.startswith(PROMPTS + REPLS)]
    assert kept_in_order([line for line in maybe if not line.endswith((" (re)", " (glob)"))], after)
    if rewriting.problems:
        assert page.read_bytes() == before
        return
    for command, output in zip(commands, printed, strict=True):
        assert not command.expected or matches(command.expected, output)
    again = page.read_bytes()
    assert not update(build, printed).problems
    assert page.read_bytes() == again


def transcripts_of_pages() -> list[str]:
    """The transcripts of the repository's own pages, of which the check makes something."""
    found = set()
    for path in sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]):
        for fence in re.finditer(r"^```console.*\n((?:.*\n)*?)```", path.read_text("utf-8", "replace"), re.MULTILINE):
            try:
                parse_transcript(fence[1])
            except TranscriptProblem:
                continue
            found.add(fence[1].rstrip("\n"))
    return sorted(found)


@pytest.mark.slow
def test_the_commands_of_pages_stay(build: SiteBuilder) -> None:
    build.machine("debian-12")
    random = Random(1)
    pool = ["$ x", "# x", "> x", "(v) $ x", "a", "", "\\", "...", "[1]", "me@host:~$ x", "done", "EOF"]
    result = transcripts_of_pages()
    assert len(result) > 20
    for transcript in result:
        if "--8<--" in transcript:
            continue
        page = build.write("docs/page.md", HEAD + f"```console\n{transcript}\n```\n")
        before = [command.source for command in parse_transcript(transcript)]
        rewriting = update(build, ["\n".join(random.choices(pool, k=random.randint(0, 5))) for _ in before])
        (snippet,) = build.read().read_pages()[0].snippets
        assert [command.source for command in parse_transcript(snippet.source)] == before
        assert kept_in_order([row for row in transcript.split("\n") if row.startswith(("$ ", "# "))], page.read_text())
        assert not rewriting.problems or transcript in page.read_text()
