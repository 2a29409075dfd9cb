"""The compare widget clicked in a real JupyterLab and Notebook 7.

Takes a minute, a Chromium and `pip install '.[browser]'`: runs if NBMLOPS_BROWSER is
set. Screenshots go to the folder that it names.
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
LINES = (
    "%load_ext nbmlops",
    f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
    "from tests.notebook.flights import variables\nglobals().update(variables())\n"
    "text = '[gate.champion]\\nmin = {roc_auc = 0.8}\\n'\n"
    "_ = open('nbmlops.toml', 'w').write(text)",
    "%mlops register model --name delays --train train --target late --test test\n"
    "%mlops register stump --name delays --train train --target late --test test\n"
    "%mlops register model --name delays --train train --target late --test test\n"
    "%mlops promote delays/1",
    "%mlops compare delays/1 delays/2",
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
        page.wait_for_selector("select[name=challenger]")
        yield page
        assert refused == []


def shot(page: Page, name: str) -> None:
    cell = page.locator(".jp-Cell:has(.nbmlops-twin)")
    cell.screenshot(path=Path(FOLDER) / f"{name}.png")


def test_the_widget_decides(page: Page) -> None:
    twin = page.locator("details.nbmlops-twin")
    expect(twin).not_to_have_attribute("open", "")
    promote, force = page.locator("button.main"), page.locator("button.risk")
    expect(promote).to_be_disabled()
    expect(force).to_have_text("Override ...")

    before = page.evaluate(CELLS)
    page.locator("select[name=challenger]").focus()
    page.keyboard.press("b")
    page.locator("textarea").focus()
    page.keyboard.type("a bad day")
    assert page.evaluate(CELLS) == before
    expect(page.locator("textarea")).to_have_value("a bad day")

    force.click()
    expect(force).to_have_text("Yes, promote past 1 failing")
    page.keyboard.press("Escape")
    expect(force).to_have_text("Override ...")
    shot(page, "closed-light")

    page.locator("select[name=challenger]").select_option("delays/3")
    expect(promote).to_be_enabled()
    promote.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".say.audit")).to_contain_text("delays/3 is champion. Event")
    expect(page.locator("select[name=challenger]")).to_be_focused()
    assert violations(page, ".jp-Cell:has(.nbmlops-twin) .jp-OutputArea") == []

    page.evaluate(THEME, "JupyterLab Dark")
    page.wait_for_function(
        "() => document.body.dataset.jpThemeName === 'JupyterLab Dark'"
    )
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    shot(page, "promoted-dark")
    assert violations(page, ".jp-Cell:has(.nbmlops-twin) .jp-OutputArea") == []


def test_a_worse_version_is_promoted_by_two_clicks(page: Page, tmp_path: Path) -> None:
    policy = "[gate.champion]\nmin = {roc_auc = 0.5}\n"
    (tmp_path / "root" / "nbmlops.toml").write_text(policy)
    promote, against = page.locator("button.main"), page.locator(".against")
    page.locator("select[name=challenger]").select_option("delays/3")
    expect(against).to_be_hidden()
    page.locator("select[name=challenger]").select_option("delays/2")
    expect(against).to_have_text("The comparison speaks against it.")
    expect(page.locator(".nbmlops-panel").last).to_contain_text("Gates allow it: ")
    promote.click()
    expect(promote).to_have_text("Yes, promote delays/2")
    page.keyboard.press("Escape")
    expect(promote).to_have_text("Promote delays/2 to champion ...")
    expect(promote).to_be_focused()
    promote.click()
    shot(page, "against")
    promote.click()
    expect(page.locator(".say.audit")).to_contain_text("delays/2 is champion. Event")
    expect(against).to_be_hidden()


def test_a_restarted_kernel_is_told(page: Page) -> None:
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    page.wait_for_timeout(1_000)
    page.locator("select[name=challenger]").select_option("delays/3")
    expect(page.locator(".lost")).to_contain_text("run the cell again")
    expect(page.locator("select[name=challenger]")).to_have_value("delays/2")
