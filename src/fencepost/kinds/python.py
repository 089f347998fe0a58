"""Steps for the machine's Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from fencepost.fence.attributes import AttributeProblem, Attributes
from fencepost.fence.snippet import Snippet
from fencepost.kinds.code import CodeKind
from fencepost.kinds.kind import Statement, StepContext, here_document
from fencepost.session.bash_traps import quoted
from fencepost.session.outcome import Outcome

# Python would read this prompt as an annotation.
_IPYTHON_PROMPT = re.compile(r"In \[\d+\]: ")


class PythonKind(CodeKind):
    """Code that runs in the page's live Python."""

    name = "python"
    languages = ("python", "py", "python3")
    takes_fixtures = True
    prompt = ">>> "
    further = "... "
    interpreter = "its Python"
    early_end = "`sys.exit()`"

    def check(self, source: str, attributes: Attributes) -> None:
        """Refuse Python transcripts."""
        if line := _prompt_in(source):
            raise AttributeProblem(
                "the fence is a Python transcript, which isn't run as one yet",
                "drop its prompts and outputs, or show it with { .notest }",
                below=line,
            )

    def code_in(self, source: str) -> str | None:
        """Return its text, with form feeds as blanks."""
        return source.replace("\f", " ")

    def statements(self, source: str) -> list[Statement]:
        """Return its statements at the top level, without those that only print; none if it can't be parsed."""
        try:
            with warnings.catch_warnings(action="ignore"):
                body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
        return [_statement(node) for node in body if not _has_no_effect(node)]

    def execute(self, snippet: Snippet, context: StepContext) -> Outcome:
        """Run it in the page's Python."""
        return context.session.run_python(snippet, seconds=context.seconds, values=context.values)

    def given_up(self, outcome: Outcome, output: str) -> str:
        """Return nothing, as bash doesn't run it."""
        return ""

    def printed_by(self, snippet: Snippet, output: str) -> str:
        """Return an output without the lines of the step that a traceback quotes."""
        source = {line.strip() for line in snippet.source.split("\n")}
        return "\n".join(line for line in output.split("\n") if line.strip() not in source)

    def script_head(self) -> str:
        """Return the function `python_step`."""
        return _script_head()

    def script(self, snippet: Snippet) -> Sequence[str]:
        """Return a call of `python_step`."""
        return here_document(f"python_step {quoted(f'<step {snippet.id}>')}", snippet.source, "PYTHON")


def _statement(node: ast.stmt) -> Statement:
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    asserts = isinstance(node, ast.Assert)
    broken = f"assert not ({ast.unparse(node.test)})" if isinstance(node, ast.Assert) else "pass"
    return Statement(start, node.end_lineno or node.lineno, broken, asserts)


def _has_no_effect(node: ast.stmt) -> bool:
    """Return whether a statement is a docstring, or only prints: nothing can notice that it is missing."""
    match node:
        case ast.Expr(ast.Constant()) | ast.Expr(ast.Call(ast.Name("print"))) | ast.Pass():
            return True
        case ast.For() | ast.If():
            return all(map(_has_no_effect, [*node.body, *node.orelse]))
        case _:
            return False


@cache
def _script_head() -> str:
    # The same `__main__` as on the page's machine.
    live_main = files("fencepost.session").joinpath("live_main.py").read_text("utf-8")
    text = files("fencepost.kinds").joinpath("python_steps.sh").read_text("utf-8")
    return text.replace("LIVE_MAIN", live_main, 1).rstrip("\n")


def _prompt_in(source: str) -> int:
    """Return the number of the first line with a Python prompt where a statement should be; 0 if there is none."""
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")), 0)
    if first and _IPYTHON_PROMPT.match(lines[first - 1]):
        return first
    if ">>>" not in source:
        return 0
    # Prompts in docstrings don't count, so let Python parse the source.
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source)
    except SyntaxError as error:
        number = error.lineno or 0
        return number if 0 < number <= len(lines) and lines[number - 1].lstrip().startswith(">>>") else 0
    except (ValueError, RecursionError, MemoryError):
        return 0
    return 0


PYTHON = PythonKind()
