"""A folder is kept from what would remove, move or overwrite it."""

import subprocess
import sys
from pathlib import Path

import pytest

STOPPED = (
    "shutil.rmtree('place')",
    "shutil.rmtree('place/registry', ignore_errors=True)",
    "shutil.rmtree(Path.cwd() / 'place', ignore_errors=True)",
    "shutil.rmtree('link/registry', ignore_errors=True)",
    "shutil.move('place', 'aside')",
    "Path('place').rename('aside')",
    "Path('place/registry/head').unlink()",
    "os.remove(b'place/registry/head')",
    "os.rmdir('place/registry/empty')",
    "os.replace('other', 'place/registry/head')",
    "Path('place/registry/head').write_text('')",
    "open('place/registry/new', 'a')",
)
ALLOWED = (
    "Path('place/registry/head').read_text()",
    "Path('place/beside').write_text('')",
    "Path('other').unlink()",
    "shutil.rmtree('scratch')",
    "os.close(os.open('other', os.O_RDONLY))",
    "open(os.dup(1), 'w').close()",
)
CODE = """
import os, shutil, sys
from pathlib import Path
from nbmlops.errors import NotAllowed
from nbmlops.notebook.keeping import keep
keep(Path("place/registry"))
try:
    exec(sys.argv[1])
except NotAllowed as refused:
    print(refused)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A registry of one file, other things beside it, and a link to all of it."""
    (tmp_path / "place" / "registry" / "empty").mkdir(parents=True)
    (tmp_path / "place" / "registry" / "head").write_text("1")
    (tmp_path / "scratch").mkdir()
    (tmp_path / "other").touch()
    (tmp_path / "link").symlink_to(tmp_path / "place")
    return tmp_path


def ran(folder: Path, code: str) -> str:
    command = [sys.executable, "-c", CODE, code]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


@pytest.mark.parametrize("code", STOPPED)
def test_what_reaches_the_folder_is_stopped(folder: Path, code: str) -> None:
    assert "the registry place/registry" in ran(folder, code)
    assert (folder / "place" / "registry" / "head").read_text() == "1"
    assert (folder / "place" / "registry" / "empty").is_dir()


@pytest.mark.parametrize("code", ALLOWED)
def test_all_else_is_as_ever(folder: Path, code: str) -> None:
    assert ran(folder, code) == ""
