"""markdown-exec runs fences while a site is built: this is the part of a build in which it does so."""

import logging
import sys
from pathlib import Path

from markdown import Markdown
from markdown_exec import formatter, validator

logging.basicConfig(level=logging.WARNING)
fence = {"name": "bash", "class": "bash", "validator": validator, "format": formatter}
failed = []


class Failures(logging.Handler):
    """A fence that fails is a warning, which `mkdocs build --strict` turns into a failed build."""

    def emit(self, record: logging.LogRecord) -> None:
        failed.append(record.getMessage())


logging.getLogger("markdown_exec").addHandler(Failures())
for page in sorted(Path("docs").glob("*.md")):
    md = Markdown(
        extensions=["pymdownx.superfences"], extension_configs={"pymdownx.superfences": {"custom_fences": [fence]}}
    )
    md.convert(page.read_text("utf-8"))
sys.exit(bool(failed))
