"""The timeline used in a real JupyterLab and Notebook 7, by mouse and by keyboard.

Runs as test_browser.py does: if NBMLOPS_BROWSER is set, with screenshots there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

FOLDER = os.environ.get("NBMLOPS_BROWSER", "")
if not FOLDER:
    pytest.skip("NBMLOPS_BROWSER is not set", allow_module_level=True)

from tests.notebook.browser import (  # noqa: E402  # after the skip
    CELLS,
    PLAYWRIGHT,
    RUN_ALL,
    THEME,
    Page,
    browser,
    open_notebook,
    server,
    violations,
)

expect = PLAYWRIGHT.expect
CHECKOUT = Path(__file__).parents[2]
OUTPUT = ".jp-Cell:has(.nbmlops-twin) .jp-OutputArea"
LINES = (
    "%load_ext nbmlops",
    f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
    "from tests.notebook.flights import variables\nglobals().update(variables())",
    "%mlops register model --name delays --train train --target late --test test\n"
    "%mlops note delays/1 by night\n"
    "%mlops promote delays/1\n"
    "%mlops skew delays/1 train",
    "%mlops history delays",
)


@pytest.fixture(params=["lab", "notebook"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """The notebook, run, in each of two front ends."""
    root = tmp_path / "root"
    root.mkdir()
    cells = [new_code_cell(line) for line in LINES]  # type: ignore[no-untyped-call]
    made = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, root / "demo.ipynb")  # type: ignore[no-untyped-call]
    with (
        server(request.param, root, tmp_path / "home") as address,
        browser() as (page, refused),
    ):
        open_notebook(page, request.param, address, "demo.ipynb")
        assert page.evaluate(RUN_ALL)
        page.wait_for_selector(".chart svg")
        yield page
        assert refused == []


def shot(page: Page, name: str) -> None:
    cell = page.locator(".jp-Cell:has(.nbmlops-twin)")
    cell.screenshot(path=Path(FOLDER) / f"{name}.png")


def test_the_timeline_is_filtered_zoomed_and_asked(page: Page) -> None:
    expect(page.locator("details.nbmlops-twin")).not_to_have_attribute("open", "")
    say, all_of_it = page.locator(".say"), page.locator("button.all")
    title = page.locator(".picked-event h3")
    expect(say).to_contain_text("5 of 5 events")
    expect(page.locator("svg .event")).to_have_count(5)
    expect(all_of_it).to_be_disabled()

    page.locator("select[name=verb]").select_option("promote")
    expect(say).to_contain_text("1 of 5 events")
    page.locator("svg .event").click()
    expect(title).to_have_text("promote delays/1")
    all_of_it.click()
    expect(say).to_contain_text("5 of 5 events")

    before = page.evaluate(CELLS)
    page.locator(".chart").focus()
    for key in ("Home", "b", "ArrowRight", "+"):
        page.keyboard.press(key)
    expect(title).to_have_text("evaluate delays/1")
    expect(all_of_it).to_be_enabled()
    all_of_it.focus()
    page.keyboard.press("Enter")
    expect(all_of_it).to_be_disabled()
    expect(page.locator(".chart")).to_be_focused()  # and not dropped to the top
    page.keyboard.press("+")
    expect(all_of_it).to_be_enabled()
    page.keyboard.press("Escape")
    expect(all_of_it).to_be_disabled()
    assert page.evaluate(CELLS) == before

    page.locator("input[name=from]").fill("2099-01-01")
    page.keyboard.press("Tab")
    expect(page.locator("input[name=from]")).to_have_attribute("aria-invalid", "true")
    all_of_it.focus()

    shot(page, "timeline-light")
    assert violations(page, OUTPUT) == []
    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function(
        "() => document.body.dataset.jpThemeName === 'JupyterLab Dark'"
    )
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    shot(page, "timeline-dark")
    assert violations(page, OUTPUT) == []
