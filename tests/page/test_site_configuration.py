"""What is wrong with a site as a whole is told once, with the file, the line and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import MARKDOWN, SiteBuilder

from fencepost.errors import FencepostError, ManyErrors, SiteError
from fencepost.settings import Settings


def without(*names: str) -> dict[str, dict[str, object]]:
    return {name: options for name, options in MARKDOWN.items() if name not in names}


def error_of(build: SiteBuilder) -> str:
    with pytest.raises(FencepostError) as raised:
        build.read().read_pages()
    assert raised.value.exit_status == 2
    return str(raised.value)


@pytest.mark.parametrize("lacking", ["pymdownx.superfences", "attr_list"])
def test_a_site_without_what_fences_need_gets_the_lines_to_add(build: SiteBuilder, lacking: str) -> None:
    build.configure(without(lacking))
    build.page("---\nmachine: debian-12\n---\n")
    told = error_of(build)
    assert told.startswith(f"mkdocs.yml: the site's Markdown lacks `{lacking}`")
    assert "      markdown_extensions:\n        - attr_list\n        - pymdownx.superfences" in told


def test_a_site_with_python_markdowns_own_fences_lacks_superfences(build: SiteBuilder) -> None:
    build.configure({"attr_list": {}, "fenced_code": {}})
    build.page("---\nmachine: debian-12\n---\n")
    assert "lacks `pymdownx.superfences`" in error_of(build)


def test_an_extension_that_is_not_installed(build: SiteBuilder) -> None:
    build.configure({"no_such_extension": {}})
    build.page("Prose.")
    assert "mkdocs.yml" in error_of(build)
    assert "no_such_extension" in error_of(build)


def test_no_mkdocs_yml(build: SiteBuilder) -> None:
    (build.folder / "mkdocs.yml").rename(build.folder / "mkdocs.yaml")
    with pytest.raises(SiteError, match=r"no mkdocs.yml in .*\n  did you mean `mkdocs.yaml`\?"):
        build.read()


@pytest.mark.parametrize(
    "text", ["site_name: [unclosed", "theme: no-such-theme\nsite_name: A site\n", "site_name: 1: 2"]
)
def test_a_mkdocs_yml_that_mkdocs_refuses(build: SiteBuilder, text: str) -> None:
    build.write("mkdocs.yml", text)
    assert error_of(build).startswith("mkdocs.yml: MkDocs ")


def test_every_error_of_every_page_is_told_at_once(build: SiteBuilder) -> None:
    build.page("---\nmachine: debian-21\n---\n\n```bash { exti=1 }\n```\n", "one.md")
    build.page("---\nmachin: debian-12\n---\n", "two.md")
    build.page("---\nmachine: debian-12\n---\n", "right.md")
    with pytest.raises(ManyErrors) as raised:
        build.read().read_pages()
    where = [f"{error.file}:{error.line}" for error in raised.value.errors]
    assert where == ["docs/one.md:2", "docs/one.md:5", "docs/two.md:2"]


def test_pages_are_found_in_folders_and_drafts_are_left_out(build: SiteBuilder) -> None:
    page = "---\nmachine: debian-12\n---\n"
    build.page(page, "posts/deep/one.md")
    build.page(page, "two.md")
    build.page(page, "left-out.md")
    build.configure(MARKDOWN, exclude_docs="left-out.md")
    assert {page.name for page in build.read().read_pages()} == {"docs/posts/deep/one.md", "docs/two.md"}


def test_the_paths_of_a_call(build: SiteBuilder) -> None:
    one, two = build.page("One.", "posts/one.md"), build.page("Two.", "two.md")
    site = build.read()
    assert site.find([], site.folder) is None
    assert site.find(["docs/posts"], site.folder) == [one]
    assert site.find(["two.md", "posts/one.md", "two.md"], site.docs) == [two, one]
    with pytest.raises(
        SiteError, match=r"no page of this site: docs/posts/on.md\n  did you mean `docs/posts/one.md`\?"
    ):
        site.find(["docs/posts/on.md"], site.folder)


def test_a_plugin_that_rewrites_pages_is_named(build: SiteBuilder) -> None:
    build.write("hook.py", "def on_page_markdown(markdown, **_):\n    return markdown\n")
    build.configure(MARKDOWN, hooks=["hook.py"])
    assert build.read().rewriters == ("hook.py",)


def test_attributes_of_other_plugins_can_be_allowed(build: SiteBuilder) -> None:
    build.page('---\nmachine: debian-12\n---\n\n```bash { colour="red" }\ntrue\n```\n')
    build.write("fencepost.toml", 'allow-attributes = ["colour"]\n')
    (page,) = build.read().read_pages()
    assert len(page.snippets) == 1


SETTINGS = {
    "no TOML": ("jobs = = 2\n", "{file}: can't be read as TOML"),
    "digits without end": (f"jobs = {'9' * 5000}\n", "{file}: can't be read as TOML"),
    "brackets without end": (f"jobs = {'[' * 5000}\n", "{file}: can't be read as TOML"),
    "misspelt": ("\ntimeuot = 3\n", "{file}:{line}: unknown setting `timeuot`\n  did you mean `timeout`?"),
    "with an underscore": ("\nmax_agee = 3\n", "{file}:{line}: unknown setting `max_agee`\n  did you mean `max-age`?"),
    "wrong type": ('\njobs = "many"\n', "{file}:{line}: `jobs`: "),
    "too small": ("\ntimeout = 0\n", "{file}:{line}: `timeout`: "),
    "unknown engine": ('\nengine = "lxc"\n', "{file}:{line}: `engine`: input should be 'auto', 'podman' or 'docker'"),
    "bad memory": ('\nmemory = "2 GB"\n', "{file}:{line}: `memory`: "),
    "no memory": ('\nmemory = "4k"\n', "{file}:{line}: `memory`: takes a size between `6m` and `16384g`, not `4k`"),
    "all memory": ('\nmemory = "99999999999999g"\n', "{file}:{line}: `memory`: takes a size between `6m` and `16384g`"),
    "memory without end": (f'\nmemory = "{"9" * 5000}"\n', "{file}:{line}: `memory`: "),
    "processes without end": (
        "\nprocesses = 99999999999999999999\n",
        "{file}:{line}: `processes`: input should be less than or equal to 4194304",
    ),
    "an age without end": ("\nmax-age = inf\n", "{file}:{line}: `max-age`: input should be a finite number"),
    "output without end": (
        "\noutput-limit = 99999999999999999999\n",
        "{file}:{line}: `output-limit`: input should be less than or equal to 1024",
    ),
    "jobs without end": (
        "\njobs = 99999999999999999999\n",
        "{file}:{line}: `jobs`: input should be less than or equal to 1024",
    ),
    "records nowhere": ('\nrecords = "a\\u0000b"\n', "{file}:{line}: `records`: takes a path, which can't hold"),
    "machines nowhere": ('\nmachines = "\\u0000"\n', "{file}:{line}: `machines`: takes a path, which can't hold"),
}


@pytest.mark.parametrize(("text", "told"), SETTINGS.values(), ids=SETTINGS)
def test_bad_settings_in_fencepost_toml(build: SiteBuilder, text: str, told: str) -> None:
    build.write("fencepost.toml", text)
    assert error_of(build).startswith(told.format(file="fencepost.toml", line=2))


@pytest.mark.parametrize(("text", "told"), SETTINGS.values(), ids=SETTINGS)
def test_bad_settings_in_pyproject_toml(build: SiteBuilder, text: str, told: str) -> None:
    build.write("pyproject.toml", f"[tool.other]\n{text.strip()}\n\n[tool.fencepost]\n{text}")
    told = told.format(file="pyproject.toml", line=6)
    assert error_of(build).startswith(told)


def test_settings_have_defaults_and_fencepost_toml_goes_first(build: SiteBuilder) -> None:
    assert build.read().settings.timeout == 60
    build.write("pyproject.toml", "[tool.fencepost]\ntimeout = 5\nmax-age = 7\n")
    assert build.read().settings.timeout == 5
    assert build.read().settings.max_age == 7
    build.write("fencepost.toml", "timeout = 6\n")
    assert build.read().settings.timeout == 6
    assert build.read().settings.max_age == 30


def test_a_setting_that_is_no_table(build: SiteBuilder) -> None:
    build.write("pyproject.toml", '[tool]\nfencepost = "yes"\n')
    assert error_of(build).startswith("pyproject.toml:2: `fencepost`: ")


def test_a_page_is_known_by_where_it_really_lies_at_a_look_for_each(
    build: SiteBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [build.page("Prose.\n", f"page-{number}.md") for number in range(20)]
    elsewhere = build.write("elsewhere.md", "Prose.\n")
    link = build.folder / "link.md"
    link.symlink_to(pages[0])
    site = build.read()
    looks = 0
    really = Path.resolve

    def counted(path: Path, strict: bool = False) -> Path:
        nonlocal looks
        looks += 1
        return really(path, strict)

    monkeypatch.setattr(Path, "resolve", counted)
    assert all(site.shows(page) for page in pages)
    assert site.shows(link)
    assert not site.shows(elsewhere)
    assert looks <= 3 * len(pages)


@pytest.mark.parametrize("way", ["docs_dir", "link"])
def test_a_page_outside_of_the_site_has_no_name(build: SiteBuilder, tmp_path: Path, way: str) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("---\nmachine: debian-12\n---\n")
    (page.parent / "prose.md").write_text("# Prose\n")
    if way == "docs_dir":
        build.configure(MARKDOWN, docs_dir="../docs")
    else:
        page = build.folder / "docs" / "link.md"
        page.symlink_to(tmp_path / "docs" / "page.md")
    told = error_of(build)
    assert told.startswith(f"{page}: is outside the site's folder")
    assert "\n  move it into the folder of mkdocs.yml" in told


@pytest.mark.parametrize("text", ["tool = 1\n", 'tool = "x"\n', "[[tool]]\n"])
def test_a_pyproject_whose_tools_are_no_table_has_no_settings(build: SiteBuilder, text: str) -> None:
    build.write("pyproject.toml", text)
    assert build.read().settings == Settings.model_validate({})


@pytest.mark.parametrize("name", ["memory", "machine"])
def test_a_size_is_written_with_the_digits_that_an_engine_reads(build: SiteBuilder, name: str) -> None:
    if name == "memory":
        build.write("fencepost.toml", 'memory = "٣g"\n')
    else:
        build.machine("debian-12", toml='kind = "vm"\ndisk = "٣g"\n')
    with pytest.raises(SiteError, match="pattern"):
        build.read().machines  # noqa: B018


def test_an_included_link_that_leads_out_of_the_site_is_refused(build: SiteBuilder, tmp_path: Path) -> None:
    build.page('---\nmachine: debian-12\n---\n\n```bash\n--8<-- "docs/link.sh"\n```\n')
    (tmp_path / "outside.sh").write_text("echo outside\n")
    link = build.folder / "docs" / "link.sh"
    link.symlink_to(tmp_path / "outside.sh")
    assert error_of(build).startswith("docs/page.md:6: a file to include is missing")
    assert "it is a link that leads out of every `base_path`" in error_of(build)
    link.unlink()
    link.symlink_to("real.sh")
    build.write("docs/real.sh", "echo inside\n")
    assert build.read().read_pages()[0].snippets[0].source.strip() == "echo inside"


def test_a_page_whose_name_is_no_utf_8(build: SiteBuilder) -> None:
    page = build.page("---\nmachine: debian-12\n---\n\n```bash\ntrue\n```\n")
    page.rename(page.with_name("p\udcff.md"))
    assert "its file name isn't UTF-8\n  rename it" in error_of(build)


def test_an_extension_that_includes_files_ahead_of_all_else_keeps_the_lines(build: SiteBuilder) -> None:
    build.write("included.md", "Prose.\n\n```bash\necho included\n```\n")
    build.write("hook.py", (Path(__file__).parent / "includes_ahead.py").read_text("utf-8"))
    build.configure(MARKDOWN, hooks=["hook.py"])
    build.page("---\nmachine: debian-12\n---\n\n# A title\n\n{!included.md!}\n\n```bash\necho last\n```\n")
    (page,) = build.read().read_pages()
    assert [(step.source, step.opening.line) for step in page.snippets] == [("echo included", 7), ("echo last", 9)]
