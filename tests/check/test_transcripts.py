"""Transcripts that can't be run, told before anything is."""

from __future__ import annotations

import pytest
from builders import SiteBuilder

from fencepost.check.unrunnable import judge_transcripts
from fencepost.errors import ManyErrors

PAGE = """\
---
machine: debian-12
---

```console
{}
```
"""


def judged(build: SiteBuilder, transcript: str) -> None:
    build.machine("debian-12")
    build.page(PAGE.format(transcript))
    judge_transcripts(build.read().read_pages())


@pytest.mark.parametrize(
    ("transcript", "line", "message"),
    [
        ("hello", 6, "starts with a prompt"),
        ("$ echo\n[a- (re)", 7, "no regular expression"),
        ("$ true &&", 6, "isn't complete at the end of the fence: bash waits for what comes after `&&`"),
        ("$ true\n$ true ||\n$ false", 7, "isn't complete at the next prompt: bash waits for what comes after `||`"),
        ("$ echo one |\n> cat |&\n", 6, "bash waits for what comes after `|&`"),
        ("$ true\n\n$ for i in 1 2; do\n  echo $i\n", 8, "bash waits for `done`"),
        ("$ echo 'it", 6, "bash waits for a closing `'`"),
        ("$ cat <<EOF\n> a\n> EOF \n$ true", 6, "bash waits for a line that is `EOF` alone, the here-document's end"),
        ("# id\nuid=0\n$ id\nuid=1", 8, "two kinds of prompts: `# id` and `$ id`"),
        ("# cat >notes <<EOF\n$ id\nEOF", 7, "two kinds of prompts"),
        ("> true", 6, "starts with a prompt"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(build: SiteBuilder, transcript: str, line: int, message: str) -> None:
    with pytest.raises(ManyErrors) as raised:
        judged(build, transcript)
    (problem,) = raised.value.errors
    assert (problem.file, problem.line) == ("docs/page.md", line)
    assert message in problem.message


def test_a_tab_that_a_site_does_not_keep_is_spoken_of(build: SiteBuilder) -> None:
    with pytest.raises(ManyErrors) as raised:
        judged(build, "$ cat <<-EOF\n> \ta\n> \tEOF\na")
    (problem,) = raised.value.errors
    assert "a line that is `EOF` alone or after tabs" in problem.message
    assert "preserve_tabs" in problem.fix


@pytest.mark.parametrize(
    "transcript",
    [
        "$ true && # why\n> true",
        "$ true &&\ntrue",
        "# Don't\n$ true",
        "$ echo '&&'\n&&",
        r"$ tr -d \|",
        "$ echo\n$ echo",
    ],
)
def test_what_looks_like_it_is_fine(build: SiteBuilder, transcript: str) -> None:
    judged(build, transcript)
