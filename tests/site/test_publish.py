"""The files that are published beside the pages of a built site."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from fencepost.publish.built_site import Published, publish
from fencepost.publish.status import SiteStatus, status_schema
from fencepost.record.model import Record
from fencepost.render.page_status import SitePage, standing_of
from fencepost.verdicts import Verdict
from tests.helpers.html import attributes, select, texts
from tests.helpers.programs import fencepost_here
from tests.helpers.site_builder import MARKDOWN, SiteBuilder
from tests.site.recorded_site import AT, RecordedSite, failed, mkdocs_build, record, words_on

PAGE = """
    ---
    machine: [debian-12, debian-13]
    title: {title}
    ---
    # A page

    ```bash {{ #first title="The first" }}
    true
    ```

    ```console {{ #second }}
    $ seq 3
    ...
    ```
    """


@pytest.fixture
def site(build: SiteBuilder) -> RecordedSite:
    """A site with the plugin, and a page in a folder."""
    made = RecordedSite(build)
    build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    made.page("# Front\n", "index.md")
    made.page(PAGE.format(title="A page"), "posts/page.md")
    return made


def ran(site: RecordedSite) -> None:
    site.ran("debian-12", {"second": {"output": "$ seq 3\n1\n2\n3\n"}}, name="posts/page.md")
    site.ran("debian-13", {"second": failed(output="no seq\n")}, name="posts/page.md")


def built(site: RecordedSite) -> Path:
    mkdocs_build(site.build.folder)
    return site.build.folder / "built/assets/fencepost"


def published(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_build_publishes_everything(site: RecordedSite) -> None:
    ran(site)
    assert published(built(site)) == [
        "asciinema-player/LICENSE",
        "asciinema-player/asciinema-player.css",
        "asciinema-player/asciinema-player.min.js",
        "badge.svg",
        "badges/docs/posts/page.svg",
        "fencepost.css",
        "fencepost.js",
        "records.json",
        "runs/docs/posts/page@debian-12.cast",
        "runs/docs/posts/page@debian-12.html",
        "runs/docs/posts/page@debian-13.cast",
        "runs/docs/posts/page@debian-13.html",
        "scripts/docs/posts/page@debian-12.sh",
        "scripts/docs/posts/page@debian-13.sh",
        "what-still-works.json",
    ]


def test_every_way_from_a_page_leads_somewhere(site: RecordedSite) -> None:
    ran(site)
    root = built(site).parents[1]
    page = root / "posts/page"
    html = (page / "index.html").read_text("utf-8")
    ways = {link.partition("#")[0] for link in attributes(html, "[href*='assets/fencepost']", "href")}
    assert len(ways) == 5
    assert [way for way in ways if not (page / way).is_file()] == []
    run = root / "assets/fencepost/runs/docs/posts/page@debian-12.html"
    links = attributes(run.read_text("utf-8"), "[href]", "href")
    back = [link.partition("#")[0] for link in links if ":" not in link and not link.startswith("#")]
    assert len(back) == 4
    assert [way for way in back if not (run.parent / way).exists()] == []


def test_without_records_a_badge_says_not_checked(site: RecordedSite) -> None:
    folder = built(site)
    assert "records.json" not in published(folder)
    assert "scripts/docs/posts/page@debian-12.sh" in published(folder)
    assert "nothing verified yet" in (folder / "badge.svg").read_text("utf-8")
    assert "not verified yet" in (folder / "badges/docs/posts/page.svg").read_text("utf-8")


def test_switched_off_nothing_is_published(site: RecordedSite) -> None:
    site.build.configure(MARKDOWN, theme={"name": "mkdocs"}, plugins=[{"fencepost": {"enabled": False}}])
    assert not built(site).exists()


def test_the_status_is_published_as_data(site: RecordedSite) -> None:
    ran(site)
    text = (built(site) / "what-still-works.json").read_text("utf-8")
    (page,) = SiteStatus.model_validate_json(text).pages
    assert (page.page, page.title, page.url, page.standing) == ("docs/posts/page.md", "A page", "posts/page/", "failed")
    good, bad = page.machines
    assert (good.standing, good.verdict, good.passed, good.steps) == ("verified", Verdict.PASSED, 2, 2)
    assert good.last_green == good.started
    assert (bad.standing, bad.passed, bad.steps, bad.last_green) == ("failed", 1, 2, None)
    assert [run.verdict for run in bad.runs] == ["failed"]
    assert good.run == "assets/fencepost/runs/docs/posts/page@debian-12.html"
    assert set(status_schema()["required"]) <= set(json.loads(text))


def test_badges_carry_their_date(site: RecordedSite) -> None:
    site.ran("debian-12", name="posts/page.md")
    site.ran("debian-13", name="posts/page.md")
    folder = built(site)
    assert words_on(folder / "badge.svg") == ("what still works | 2 of 2 checks hold, 23 November 2026", "#2b7a4b")
    assert words_on(folder / "badges/docs/posts/page.svg") == ("steps | verified on 23 November 2026", "#2b7a4b")
    site.page(PAGE.format(title="A page").replace("true", "false"), "posts/page.md")
    folder = built(site)
    assert words_on(folder / "badge.svg") == ("what still works | 0 of 2 checks hold, 23 November 2026", "#8a5a00")
    assert words_on(folder / "badges/docs/posts/page.svg") == ("steps | changed since 23 November 2026", "#8a5a00")


def test_a_run_to_read_holds_all_that_was_kept(site: RecordedSite) -> None:
    long = "".join(f"line {number}\n" for number in range(500))
    site.ran("debian-12", {"first": {"output": long, "source": "true & <b>"}}, name="posts/page.md")
    html = (built(site) / "runs/docs/posts/page@debian-12.html").read_text("utf-8")
    assert "line 0\n" in html
    assert "line 250\n" in html
    assert texts(html, "a[href='../../../../../posts/page/#first']") == ["The first"]
    assert "true &amp; &lt;b&gt;" in html


def test_a_page_links_to_all_of_an_output_that_it_cuts(site: RecordedSite) -> None:
    long = "".join(f"line {number}\n" for number in range(500))
    site.ran("debian-12", {"first": {"output": long}}, name="posts/page.md")
    built(site)
    html = (site.build.folder / "built/posts/page/index.html").read_text("utf-8")
    assert "line 250" not in html
    run = "../../assets/fencepost/runs/docs/posts/page@debian-12.html"
    assert texts(html, f"a[href='{run}#first']") == ["The whole output"]


HOSTILE = "<script>alert(1)</script>\"'&\x1b]0;x\x07\u202e"


def test_hostile_names_are_escaped_everywhere(site: RecordedSite) -> None:
    site.page(PAGE.format(title="'<script>alert(1)</script>'"), "posts/page.md")
    result = {"output": HOSTILE, "reason": HOSTILE, "source": HOSTILE, "title": HOSTILE}
    site.ran(
        "debian-12", {"first": failed(**result)}, name="posts/page.md", title=HOSTILE, image=HOSTILE, engine=HOSTILE
    )
    folder = built(site)
    for name in published(folder):
        if name.endswith((".html", ".svg")):
            text = (folder / name).read_text("utf-8")
            assert "<script>" not in text, name
            assert "\x1b" not in text, name
            assert "\u202e" not in text, name
    words_on(folder / "badge.svg")
    words_on(folder / "badges/docs/posts/page.svg")
    json.loads((folder / "what-still-works.json").read_text("utf-8"))


def test_a_page_with_a_name_that_no_address_can_hold(site: RecordedSite) -> None:
    site.page(PAGE.format(title="A page"), "posts/100% #1 'ü'.md")
    site.ran("debian-12", name="posts/100% #1 'ü'.md")
    root = built(site).parents[1]
    assert (root / "assets/fencepost/runs/docs/posts/100% #1 'ü'@debian-12.html").is_file()
    html = (root / "posts/100% #1 'ü'/index.html").read_text("utf-8")
    assert "assets/fencepost/runs/docs/posts/100%25%20%231%20&#x27;%C3%BC&#x27;@debian-12.html" in html
    assert "fencepost shell &#x27;docs/posts/100% #1 " in html


def test_a_site_built_by_another_program(site: RecordedSite) -> None:
    ran(site)
    theirs = site.build.folder / "theirs"
    (theirs / "posts/page").mkdir(parents=True)
    (theirs / "posts/page/index.html").write_text("a page")
    done = fencepost_here(site.build.folder, "publish", "theirs")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "theirs: 15 files written\n"
    assert published(theirs / "assets/fencepost") == published(built(site))
    (page,) = json.loads((theirs / "assets/fencepost/what-still-works.json").read_text("utf-8"))["pages"]
    assert page["url"] == "posts/page/"
    assert fencepost_here(site.build.folder, "publish", "theirs").stdout == "theirs: 0 files written\n"


def test_a_page_that_lies_elsewhere_there_has_no_address(site: RecordedSite) -> None:
    ran(site)
    theirs = site.build.folder / "theirs"
    theirs.mkdir()
    assert fencepost_here(site.build.folder, "publish", "theirs", "--no-records").returncode == 0
    assert "records.json" not in published(theirs / "assets/fencepost")
    (page,) = json.loads((theirs / "assets/fencepost/what-still-works.json").read_text("utf-8"))["pages"]
    assert page["url"] is None


def test_nothing_to_publish_into(site: RecordedSite) -> None:
    done = fencepost_here(site.build.folder, "publish", "nowhere")
    assert done.returncode == 2
    assert "no built site in nowhere" in done.stderr
    assert "build the site first" in done.stderr


def test_a_place_that_cannot_be_written(site: RecordedSite) -> None:
    ran(site)
    theirs = site.build.folder / "theirs"
    theirs.mkdir()
    (theirs / "assets").write_text("a file where a folder should be")
    done = fencepost_here(site.build.folder, "publish", "theirs")
    assert done.returncode == 2
    assert "can't be written" in done.stderr


def test_badges_speak_of_the_machines_that_they_judge(site: RecordedSite) -> None:
    site.ran("debian-12", name="posts/page.md", started=AT - timedelta(days=100))
    folder = built(site)
    assert words_on(folder / "badges/docs/posts/page.svg")[0] == "steps | not verified yet"
    site.ran("debian-13", {"second": failed()}, name="posts/page.md")
    folder = built(site)
    assert words_on(folder / "badges/docs/posts/page.svg")[0] == "steps | failed on 23 November 2026"


def test_a_page_with_a_mistake_in_it_has_no_script(site: RecordedSite) -> None:
    ran(site)
    site.page(PAGE.format(title="A page").replace("#first", '#first tiemout="3"'), "posts/page.md")
    folder = built(site)
    assert [name for name in published(folder) if "scripts/" in name] == []
    assert "all steps as a script" not in (folder.parents[1] / "posts/page/index.html").read_text("utf-8")


def test_links_to_a_page_with_spaces_and_other_letters(site: RecordedSite) -> None:
    name = "posts/schöne grüße.md"
    site.page("# What still works\n\n<!-- fencepost: what still works -->\n", "works.md")
    site.page(PAGE.format(title="Grüße"), name)
    site.ran("debian-12", name=name)
    root = built(site).parents[1]
    links = select((root / "works/index.html").read_text("utf-8"), "table a")
    (way,) = {link.attributes["href"] or "" for link in links if link.text() == "Grüße"}
    assert (root / "works" / unquote(way) / "index.html").is_file()
    run = root / "assets/fencepost/runs/docs/posts/schöne grüße@debian-12.html"
    links = select(run.read_text("utf-8"), "a")
    (back,) = {link.attributes["href"] or "" for link in links if link.text() == "Grüße"}
    assert (run.parent / unquote(back) / "index.html").is_file()


def test_a_command_is_no_title(site: RecordedSite) -> None:
    page = PAGE.format(title="A page").replace("    title: A page\n", "").replace("# A page\n", "")
    site.page(page.replace("$ seq 3", "# apt-get update"), "posts/untitled.md")
    titles = [page["title"] for page in json.loads((built(site) / "what-still-works.json").read_text("utf-8"))["pages"]]
    assert titles == ["A page", "Untitled"]


def test_a_record_that_cannot_be_read_is_told(site: RecordedSite) -> None:
    ran(site)
    path = site.build.folder / ".fencepost/records/docs/posts/page.md@debian-12.json"
    path.write_text("{broken")
    result = mkdocs_build(site.build.folder, strict=False)
    assert "the record page.md@debian-12.json can't be read" in result
    assert path.is_file()


def test_a_record_written_during_a_build_is_shown_by_the_next(site: RecordedSite, tmp_path: Path) -> None:
    read = site.build.read()
    name = "docs/posts/page.md"

    def publish_what_is_known(known: Record) -> str:
        standing = standing_of(["debian-12"], [known], None)
        publish(tmp_path / "out", read, [Published(SitePage(name, "A page", "posts/page/", standing), ())])
        run = tmp_path / "out/assets/fencepost/runs/docs/posts/page@debian-12.html"
        result = re.search(r"printed-\w+", run.read_text("utf-8"))
        run.unlink()
        return result[0] if result else ""

    page = site.read("posts/page.md")
    earlier = record(page, "debian-12", {"first": {"output": "printed-early\n"}}, started=AT - timedelta(days=1))
    later = record(page, "debian-12", {"first": {"output": "printed-late\n"}})
    site.store(earlier)
    site.store(later)
    assert publish_what_is_known(earlier) == "printed-early"
    assert publish_what_is_known(later) == "printed-late"
