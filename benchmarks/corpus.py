"""Makes the sites that the benchmarks run on: pages of small shell steps, as the peers are measured with."""

from __future__ import annotations

from pathlib import Path

_CONFIG = """site_name: benchmark
markdown_extensions: [attr_list, admonition, pymdownx.superfences, pymdownx.snippets]
"""


def make_site(folder: Path, *, pages: int, snippets: int) -> Path:
    """A site of `pages` pages with `snippets` one-line steps each, on a machine of bare Debian 12."""
    docs, machine = folder / "docs", folder / "machines" / "debian-12"
    docs.mkdir(parents=True)
    machine.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(_CONFIG)
    (machine / "Containerfile").write_text("FROM debian:12\n")
    for number in range(pages):
        (docs / f"page-{number:03}.md").write_text(page_text(number, snippets))
    return folder


def page_text(number: int, snippets: int) -> str:
    """One page."""
    steps = "".join(f"\nStep {step}.\n\n```bash\n{line(number, step)}\n```\n" for step in range(snippets))
    return f"---\nmachine: debian-12\n---\n\n# Page {number}\n{steps}"


def line(number: int, step: int) -> str:
    """One step: a builtin that says something."""
    return f'echo "page {number}, step {step}"'
