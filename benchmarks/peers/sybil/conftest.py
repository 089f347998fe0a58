"""Configure Sybil: its own evaluator for Python transcripts, and a new bash for each shell fence: it has none."""

import subprocess

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser


def evaluate_shell(example: Example) -> None:
    subprocess.run(["bash", "-e", "-c", str(example.parsed)], check=True)


pytest_collect_file = Sybil(
    parsers=[CodeBlockParser("bash", evaluate_shell), PythonCodeBlockParser()], pattern="*.md"
).pytest()
