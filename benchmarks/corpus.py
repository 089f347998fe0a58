"""Make the sites for the benchmarks: pages of small shell steps, like those that the peers run."""

from __future__ import annotations

import re
from pathlib import Path

_PROSE = "Some words about it, with *emphasis*, `a word of code` and a [link](https://www.example.org/) here. " * 4

_CONFIG = """site_name: benchmark
markdown_extensions: [attr_list, admonition, pymdownx.superfences, pymdownx.snippets]
"""


def make_site(folder: Path, *, pages: int, snippets: int) -> Path:
    """Make a site of `pages` pages with `snippets` one-line steps each, on a machine with plain Debian 12."""
    docs, machine = folder / "docs", folder / "machines" / "debian-12"
    docs.mkdir(parents=True)
    machine.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(_CONFIG)
    (machine / "Containerfile").write_text("FROM debian:12\n")
    for number in range(pages):
        (docs / f"page-{number:03}.md").write_text(page_text(number, snippets))
    return folder


_BLOG = """site_name: benchmark
theme: {name: material, font: false, features: [content.code.copy]}
plugins: [{blog: {blog_dir: ., post_url_format: "{slug}", archive: false, categories: false}}, search, fencepost]
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - pymdownx.details
  - pymdownx.highlight: {anchor_linenums: true}
  - pymdownx.inlinehilite
  - pymdownx.snippets
  - pymdownx.superfences
  - tables
  - toc: {permalink: true}
  - fencepost
"""


def make_posts(folder: Path, *, pages: int, snippets: int) -> Path:
    """Make a blog in Material for MkDocs, with a page *What still works*.

    Its steps are as long as those of the saga: four lines, with some sixty words before each.
    """
    posts, machine = folder / "docs" / "posts", folder / "machines" / "debian-12"
    posts.mkdir(parents=True)
    machine.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(_BLOG)
    (machine / "Containerfile").write_text("FROM debian:12\n")
    (folder / "docs" / "index.md").write_text("# A blog\n")
    (folder / "docs" / "what-still-works.md").write_text("# What still works\n\n<!-- fencepost: what still works -->\n")
    for number in range(pages):
        text = page_text(number, snippets)
        text = text.replace("---\n", f"---\ndate: 2026-01-{number % 28 + 1:02}\nslug: post-{number:03}\n", 1)
        text = text.replace("\nStep 1.\n", "\n<!-- more -->\n\nStep 1.\n", 1)
        text = re.sub(r"\nStep (\d+)\.\n", rf"\n## Step \1\n\n{_PROSE}\n", text)
        text = re.sub(r"\n(echo .*)\n", rf"\n{_LOOP}\n", text)
        (posts / f"post-{number:03}.md").write_text(text)
    return folder


_LOOP = r"""for name in alpha beta; do
    \1 "$name"
done | sort > told.txt
grep step told.txt"""


def page_text(number: int, snippets: int) -> str:
    """Return the text of a page."""
    steps = "".join(f"\nStep {step}.\n\n```bash\n{line(number, step)}\n```\n" for step in range(snippets))
    return f"---\nmachine: debian-12\n---\n\n# Page {number}\n{steps}"


def line(number: int, step: int) -> str:
    """Return the command of a step: a builtin that prints something."""
    return f'echo "page {number}, step {step}"'
