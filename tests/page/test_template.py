"""Pages that a plugin reads as templates, each with what is expected in the comment at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MethodType

import pytest

from fencepost.errors import ManyErrors, UncheckedPageError
from fencepost.site.plugin_events import templates
from tests.helpers.site_builder import SiteBuilder
from tests.page.test_forms import assert_errors, assert_steps, read_form, write_form

FORMS = {path.stem: read_form(path) for path in sorted((Path(__file__).parent / "templates").glob("*.md"))}


@pytest.mark.parametrize("name", FORMS)
def test_a_step_that_a_template_may_change_is_not_checked(name: str, build: SiteBuilder) -> None:
    form = FORMS[name]
    path = write_form(build, form)
    site = build.read()
    site = replace(site, markdown=replace(site.markdown, templates="mkdocs_macros.plugin"))
    if not form.errors:
        page = site.read_page(path)
        assert page is not None
        assert_steps(page.snippets, form.steps)
        return
    with pytest.raises(ManyErrors) as raised:
        site.read_page(path)
    assert_errors(raised.value, form.errors)
    # The other pages run.
    assert all(isinstance(error, UncheckedPageError) for error in raised.value.errors)


@pytest.mark.parametrize(("module", "expected"), [("mkdocs_macros.plugin", "mkdocs_macros.plugin"), ("hook.py", "")])
def test_a_plugin_that_reads_templates_is_known(module: str, expected: str) -> None:
    owner = type("Plugin", (), {"__module__": module})()
    rewrites: Callable[..., str] = MethodType(lambda _, markdown, **__: markdown, owner)
    assert templates({"page_read_source": [], "page_markdown": [rewrites]}) == expected
