"""The part of a site's build in which markdown-exec runs fences."""

import logging
import sys
from pathlib import Path

from markdown import Markdown
from markdown_exec import formatter, validator

logging.basicConfig(level=logging.WARNING)
fence = {"name": "bash", "class": "bash", "validator": validator, "format": formatter}
failed = []


class Failures(logging.Handler):
    """Collects warnings: a failed fence is one, which fails `mkdocs build --strict`."""

    def emit(self, record: logging.LogRecord) -> None:
        failed.append(record.getMessage())


logging.getLogger("markdown_exec").addHandler(Failures())
for page in sorted(Path("docs").glob("*.md")):
    md = Markdown(
        extensions=["pymdownx.superfences"], extension_configs={"pymdownx.superfences": {"custom_fences": [fence]}}
    )
    md.convert(page.read_text("utf-8"))
sys.exit(bool(failed))
