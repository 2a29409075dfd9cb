"""An isolated Jupyter server, and a page in a real browser that sees no network."""

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

# By name: neither is installed with the checks, and mypy need not know them.
PLAYWRIGHT: Any = importlib.import_module("playwright.sync_api")
AXE = Path(importlib.import_module("axe_playwright_python").__path__[0], "axe.min.js")
Page: TypeAlias = Any

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--headless=new", "--disable-gpu", "--no-first-run"]
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
OPTIONS = (
    "--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0",
    "--IdentityProvider.token=", "--expose-app-in-browser", "--LabApp.news_url=None",
)  # fmt: skip
OURS = ("http://127.0.0.1", "data:", "blob:")
READY = """async () => {
  const app = window.jupyterapp; await app.restored;
  let panel;
  const end = Date.now() + 60000;
  const late = () => { if (Date.now() > end) throw new Error('not ready'); };
  while (!((panel = app.shell.currentWidget) && panel.sessionContext)) {
    late(); await new Promise(resolve => setTimeout(resolve, 50)); }
  await panel.context.ready; await panel.revealed; await panel.sessionContext.ready;
  while (panel.sessionContext.session?.kernel?.status !== 'idle') {
    late(); await new Promise(resolve => setTimeout(resolve, 50)); }
}"""
RUN_ALL = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
CELLS = "() => jupyterapp.shell.currentWidget.content.widgets.length"
THEME = "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})"


@contextlib.contextmanager
def server(app: str, root: Path, home: Path) -> Iterator[str]:
    """Run `jupyter lab` or `jupyter notebook` over a folder; yield its address."""
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(SETTINGS))
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", app, f"--port={port}", *OPTIONS]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={root}"],
            env={**os.environ, **{name: str(home / at) for name, at in own.items()}},
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, address)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api/status", timeout=1).close()
            return
        time.sleep(0.25)
    raise AssertionError("no server in a minute")


@contextlib.contextmanager
def browser() -> Iterator[tuple[Page, list[str]]]:
    """Yield a page, and the list of addresses that it was refused."""
    refused: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith(OURS):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    with PLAYWRIGHT.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 1400})
        page.route("**/*", guard)
        yield page, refused
        chromium.close()


def open_notebook(page: Page, app: str, address: str, name: str) -> None:
    """Open a notebook and wait for its kernel."""
    place = f"lab/tree/{name}?reset" if app == "lab" else f"notebooks/{name}"
    page.goto(f"{address}/{place}")
    page.wait_for_function("() => !!window.jupyterapp", timeout=60_000)
    page.evaluate(READY)
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def violations(page: Page, where: str) -> list[str]:
    """Return what axe-core complains of; the page's height is mended for it first."""
    page.evaluate("() => { document.body.style.height = '100vh'; }")
    page.add_script_tag(path=AXE)
    found: Any = page.evaluate(
        "async where => (await axe.run({include: [[where]]})).violations"
        ".map(v => v.id + ': ' + v.nodes[0].html)",
        where,
    )
    return list(found)
