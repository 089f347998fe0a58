"""Pages and their scripts on a machine with the newest Python, which starts processes without fork."""

from __future__ import annotations

from pathlib import Path

import pytest

from fencepost.machine.engine import Engine
from fencepost.publish.script import script_of_steps
from tests.helpers.checking import check, steps_of
from tests.helpers.site_builder import SiteBuilder

PAGES = sorted((Path(__file__).parent / "newest_python").glob("*.md"))
SCRIPT = """\
---
machine: newest-python
timeout: 120
---

~~~~~~ {{ file="/tmp/steps.sh" }}
{script}
~~~~~~

```bash
mkdir /tmp/folder && cd /tmp/folder
bash /tmp/steps.sh
```
"""


@pytest.mark.engine
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_and_its_script_pass(build: SiteBuilder, podman: Engine, path: Path) -> None:
    build.real_machine("newest-python")
    page = build.read().read_page(build.page(path.read_text("utf-8"), "page.md"))
    assert page
    script = script_of_steps(page.snippets, page="page.md", title="", machine="newest-python", called="Python", env={})
    build.page(SCRIPT.format(script=script.rstrip("\n")), "script.md")
    for record in check(build, podman):
        assert record.verdict == "passed", steps_of(record)
