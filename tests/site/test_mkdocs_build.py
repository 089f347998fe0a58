"""Whole sites, built with Material for MkDocs, its blog and its search; and with ProperDocs."""

from __future__ import annotations

import json
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from mkdocs.config import load_config

from tests.helpers.html import attributes, element_after, select, texts, the
from tests.helpers.site_builder import MARKDOWN, SiteBuilder
from tests.site.recorded_site import RecordedSite, mkdocs_build

POST = """
    ---
    date: 2012-03-0{number}
    machine: debian-13
    ---
    # Post {number}

    Before the fold. It took <!-- fencepost: time of step-{number} -->,
    and said <!-- fencepost: output of early-{number} -->.

    ```bash {{ #early-{number} only="debian-13" }}
    echo early
    ```

    ```bash {{ .hidden }}
    echo set-up
    ```

    <!-- more -->

    ## Section

    ```bash {{ #step-{number} }}
    echo hello
    ```
    """


def material(build: SiteBuilder, **further: object) -> None:
    """A blog in Material for MkDocs."""
    build.configure(
        {**MARKDOWN, "fencepost": {}},
        theme={"name": "material", "font": False, "features": ["content.code.copy", "content.code.annotate"]},
        plugins=[{"blog": {"blog_dir": "."}}, "search", "fencepost"],
        **further,
    )


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built blog with two posts that ran, and a page that didn't."""
    site = RecordedSite(SiteBuilder(tmp_path_factory.mktemp("blog") / "site"))
    material(site.build)
    site.page("# The blog\n", "index.md")
    site.page("# Prose\n\n```bash\necho prose\n```\n", "prose.md")
    site.page("# What still works\n\n<!-- fencepost: what still works -->\n", "works.md")
    for number in (1, 2):
        name = f"posts/{number}.md"
        site.page(POST.format(number=number), name)
        long = "an-unmistakable-word\n" + "word " * 700
        site.ran(
            name=name,
            steps={f"step-{number}": {"output": long}, f"early-{number}": {"output": "early-output\nlast-words\n"}},
        )
    mkdocs_build(site.build.folder)
    return site.build.folder / "built"


def post(blog: Path, number: int = 1) -> str:
    return next(blog.glob(f"2012/03/0{number}/*/index.html")).read_text("utf-8")


def test_a_post_has_its_header_once(blog: Path) -> None:
    header = the(post(blog), ".fencepost-header")
    following = element_after(the(post(blog), "article h1"))
    assert following
    assert following.html == header.html


def test_lists_of_posts_show_teasers_and_verdicts_and_no_results(blog: Path) -> None:
    for name in ("index.html", "archive/2012/index.html"):
        html = (blog / name).read_text("utf-8")
        assert "echo" in texts(html, ".highlight span")
        assert "early" in html
        assert select(html, ".fencepost-header, .fencepost-step, [data-fencepost-verdict]") == []
        assert set(attributes(html, "p.fencepost-summary", "data-fencepost-standing")) == {"verified"}
        assert "set-up" not in html
        assert "early-output" not in html


def test_teasers_show_inline_values(blog: Path) -> None:
    for html in (post(blog), (blog / "index.html").read_text("utf-8")):
        assert {"0.5 s", "last-words"} <= set(texts(html, "p > .fencepost-time"))


def test_the_search_knows_outputs_and_neither_headers_nor_marks(blog: Path) -> None:
    index = json.loads((blog / "search/search_index.json").read_text("utf-8"))
    text = json.dumps(index["docs"])
    assert text.count("an-unmistakable-word") == 2
    assert "Verified" not in text
    assert "23 November" not in text
    assert "Link to this step" not in text
    assert "set-up" not in text
    locations = [entry["location"] for entry in index["docs"]]
    assert len(locations) == len(set(locations))


def test_reading_time_leaves_outputs_out(blog: Path) -> None:
    assert "1 min read" in texts(post(blog), "li li")


def test_outputs_come_back_behind_the_reading_time(blog: Path) -> None:
    assert "an-unmistakable-word" in post(blog)
    assert "<!--fencepost:" not in post(blog)


def test_stylesheet_and_script_are_part_of_the_site(blog: Path) -> None:
    for name in ("fencepost.css", "fencepost.js"):
        assert (blog / "assets/fencepost" / name).read_text("utf-8")
        assert f"assets/fencepost/{name}" in post(blog)


def test_nothing_is_fetched_from_elsewhere(blog: Path) -> None:
    for path in blog.rglob("*.html"):
        fetched = select(path.read_text("utf-8"), "script[src^='http'], img[src^='http'], link[href^='http']")
        assert [element.html for element in fetched] == [], path
    for name in ("fencepost.css", "fencepost.js"):
        text = (blog / "assets/fencepost" / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text


def test_the_plugin_can_be_switched_off(build: SiteBuilder) -> None:
    build.configure(MARKDOWN, theme={"name": "mkdocs"}, plugins=[{"fencepost": {"enabled": False}}])
    build.page("# A title\n", "index.md")
    mkdocs_build(build.folder)
    assert not (build.folder / "built/assets/fencepost").exists()


@pytest.mark.parametrize("number", ["0", "7", "9" * 5000])
def test_text_that_looks_like_a_placeholder_stays_text(build: SiteBuilder, number: str) -> None:
    build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["search", "fencepost"])
    build.page(f"# Home\n\n<!--fencepost:{number}-->\n", "index.md")
    mkdocs_build(build.folder)
    assert f"<!--fencepost:{number}-->" in (build.folder / "built/index.html").read_text("utf-8")


LOOKALIKE = """
    ---
    machine: debian-13
    ---
    # Home

    Before<!--fencepost:0-->, <!--fencepost:1-->.

    <div class="fencepost-step">a-word-of-the-author</div>

    <div data-fencepost-fence="0"></div>

    ```bash { #a-step }
    echo hello
    ```
    """


def test_text_that_looks_like_results_stays_text(site: RecordedSite) -> None:
    site.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["search", "fencepost"])
    site.page(LOOKALIKE, "index.md")
    site.ran(name="index.md", steps={"a-step": {"output": "an-unmistakable-word\n"}})
    mkdocs_build(site.build.folder)
    html = (site.build.folder / "built/index.html").read_text("utf-8")
    assert "Before<!--fencepost:0-->, <!--fencepost:1-->." in html
    assert '<div class="fencepost-step">a-word-of-the-author</div>' in html
    assert '<div data-fencepost-fence="0"></div>' in html
    assert len(select(html, "aside.fencepost-header")) == 1
    assert texts(html, "samp") == ["an-unmistakable-word"]
    index = (site.build.folder / "built/search/search_index.json").read_text("utf-8")
    assert "a-word-of-the-author" in index
    assert "an-unmistakable-word" in index
    assert "Verified" not in index


def test_a_page_that_shows_another_one_shows_its_results(site: RecordedSite) -> None:
    site.build.configure(
        {**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"], hooks=["hook.py"]
    )
    hook = Path(__file__).parent / "hook_that_shows_another_page.py"
    site.build.write("hook.py", hook.read_text("utf-8"))
    site.page("# All of it\n", "whole.md")
    site.page(POST.format(number=1), "index.md")
    site.ran(name="index.md", steps={"early-1": {"output": "early-output\n"}})
    mkdocs_build(site.build.folder)
    for name in ("index.html", "whole/index.html"):
        html = (site.build.folder / "built" / name).read_text("utf-8")
        assert len(select(html, "aside.fencepost-header")) == 1
        assert texts(html, "samp") == ["early-output"]
        assert len(select(html, ".fencepost-step")) == 2


def test_a_feed_of_whole_pages_has_their_results(site: RecordedSite) -> None:
    rss = {"abstract_chars_count": -1, "use_git": False, "date_from_meta": {"as_creation": "date"}}
    site.build.configure(
        {**MARKDOWN, "fencepost": {}},
        theme={"name": "mkdocs"},
        plugins=[{"rss": rss}, "fencepost"],
        site_url="https://www.example.org/",
    )
    site.page(POST.format(number=1), "index.md")
    site.ran(name="index.md", steps={"early-1": {"output": "early-output\n"}})
    mkdocs_build(site.build.folder)
    feed = unescape((site.build.folder / "built/feed_rss_created.xml").read_text("utf-8"))
    assert "<samp>early-output</samp>" in feed
    assert "<!--fencepost" not in feed


def test_a_script_says_what_its_page_says_now(site: RecordedSite) -> None:
    site.build.configure({**MARKDOWN, "fencepost": {}}, theme={"name": "mkdocs"}, plugins=["fencepost"])
    text = '---\nmachine: debian-13\n---\n# A page\n\n```bash { #a-step title="A title" }\necho hello\n```\n'
    changes = {"": "", "A page": "This page", "A title": "Another title", "echo": "printf", "#a-step": "#a-step exit=3"}
    for before, after in changes.items():
        text = text.replace(before, after) if before else text
        site.page(text, "index.md")
        assert after.replace("#a-step exit=", "exit status ") in script_of_index(site)
    site.build.machine("debian-13", toml='[env]\nGREETING = "hello"\n')
    assert "export GREETING='hello'" in script_of_index(site)


def script_of_index(site: RecordedSite) -> str:
    mkdocs_build(site.build.folder)
    return (site.build.folder / "built/assets/fencepost/scripts/docs/index@debian-13.sh").read_text("utf-8")


def test_records_are_watched_while_the_site_is_served(build: SiteBuilder) -> None:
    build.configure(MARKDOWN, plugins=["fencepost"])
    config = load_config(str(build.folder / "mkdocs.yml"))
    watched: list[str] = []
    server = SimpleNamespace(watch=watched.append)
    config.plugins["fencepost"].on_config(config)
    config.plugins["fencepost"].on_serve(server, config=config, builder=None)
    assert watched == [str(build.folder / ".fencepost/records")]
    assert (build.folder / ".fencepost/records").is_dir()


def test_the_site_is_served_despite_a_wrong_setting(build: SiteBuilder) -> None:
    build.configure(MARKDOWN, plugins=["fencepost"])
    build.write("fencepost.toml", "max-agee = 3\n")
    config = load_config(str(build.folder / "mkdocs.yml"))
    watched: list[str] = []
    config.plugins["fencepost"].on_config(config)
    config.plugins["fencepost"].on_serve(SimpleNamespace(watch=watched.append), config=config, builder=None)
    assert watched == []


@pytest.mark.slow
def test_properdocs_shows_the_same(site: RecordedSite) -> None:
    pytest.importorskip("properdocs", reason="ProperDocs isn't installed")
    site.page(POST.format(number=1), "index.md")
    site.page("# What still works\n\n<!-- fencepost: what still works -->\n", "works.md")
    site.ran(name="index.md")
    site.build.configure(
        {**MARKDOWN, "fencepost": {}}, theme={"name": None, "custom_dir": "theme"}, plugins=["fencepost"]
    )
    site.build.write("theme/main.html", "{{ page.content }}")
    (site.build.folder / "mkdocs.yml").rename(site.build.folder / "properdocs.yml")
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "--site-dir", "built"]
    done = subprocess.run(command, cwd=site.build.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html = (site.build.folder / "built/index.html").read_text("utf-8")
    assert len(select(html, ".fencepost-header")) == 1
    assert len(select(html, ".fencepost-step")) == 2
    assert "3 of 3 steps" in (site.build.folder / "built/works/index.html").read_text("utf-8")
    assert (site.build.folder / "built/assets/fencepost/fencepost.css").is_file()
