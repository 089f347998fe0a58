"""Pages and included files that are read as if they had been edited."""

from __future__ import annotations

import threading

import pytest

from fencepost.errors import ManyErrors
from fencepost.page.edited import reading_instead
from tests.helpers.site_builder import SiteBuilder

PAGE = """
    ---
    machine: debian-13
    ---

    ```bash { #own }
    echo own
    ```

    ```bash { #included }
    --8<-- "part.sh"
    ```
    """


def sources(build: SiteBuilder) -> dict[str, str]:
    (page,) = build.read().read_pages()
    return {snippet.id: snippet.source for snippet in page.snippets}


def test_the_page_and_what_it_includes_are_read_from_the_texts(build: SiteBuilder) -> None:
    page = build.page(PAGE)
    part = build.write("part.sh", "echo part\n")
    before = sources(build)
    assert before == {"own": "echo own", "included": "echo part\n"}
    with reading_instead({page.resolve(): page.read_text().replace("echo own", "echo other")}):
        assert sources(build) == {"own": "echo other", "included": "echo part\n"}
    with reading_instead({part.resolve(): "echo one\necho two\n"}):
        assert sources(build) == {"own": "echo own", "included": "echo one\necho two\n"}
    assert sources(build) == before
    assert part.read_text() == "echo part\n"


def test_an_included_file_can_be_emptied(build: SiteBuilder) -> None:
    build.page(PAGE)
    part = build.write("part.sh", "echo part\n")
    with reading_instead({part.resolve(): ""}):
        assert sources(build)["included"] == ""


def test_an_error_names_the_line_of_the_text(build: SiteBuilder) -> None:
    page = build.page(PAGE)
    build.write("part.sh", "echo part\n")
    text = page.read_text().replace("```bash { #own }", "\n```bsah { #own }")
    with reading_instead({page.resolve(): text}), pytest.raises(ManyErrors) as raised:
        sources(build)
    assert (raised.value.errors[0].file, raised.value.errors[0].line) == ("docs/page.md", 6)


def test_another_thread_reads_the_files(build: SiteBuilder) -> None:
    page = build.page(PAGE)
    build.write("part.sh", "echo part\n")
    read: list[dict[str, str]] = []
    with reading_instead({page.resolve(): "---\nmachine: debian-13\n---\n"}):
        thread = threading.Thread(target=lambda: read.append(sources(build)))
        thread.start()
        thread.join()
    assert read == [{"own": "echo own", "included": "echo part\n"}]
