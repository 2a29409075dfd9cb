"""What git says of the running code: commit, branch, remote, and what is changed."""

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nbmlops.config import FOLDER
from nbmlops.registry.secrets import patch_without_secrets, without_login

PATCH = "uncommitted.patch"  # the attachment's name
_SECONDS = 5.0
_MOST_UNTRACKED = 50
_MOST_OF_A_PATCH = 200_000
# All but the registry's own folder: registering writes to it.
_PATHS = ("--", ":/", f":(exclude,glob)**/{FOLDER}/**")


@dataclass(frozen=True, slots=True)
class Code:
    """What git says of the running code.

    Attributes
    ----------
    state
        As `git_state` gives it.
    patch
        What differs from the commit; "" where nothing does.
    """

    state: dict[str, Any]
    patch: str


@contextmanager
def asking_git() -> Iterator[Callable[[], Code]]:
    """Ask about the code in the background: git's processes take their time.

    Yields
    ------
    callable
        Waits for the answer.
    """
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_code).result


def ask_git(*arguments: str) -> str | None:
    """Ask git about the current folder; None where there is no git or no answer."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip("\n") if done.returncode == 0 else None


def git_state() -> dict[str, Any]:
    """Describe the commit that is checked out, and whether files differ from it.

    Returns
    -------
    dict
        `git_commit`, `git_branch` ("HEAD" where there is none), `git_dirty` (None where
        git gives no answer), `git_remote` (without user and password) and
        `git_untracked` (names only) where there are any. {} outside of a repository,
        `git_branch` alone before its first commit.
    """
    status = ask_git("status", "--porcelain=v2", "--branch", "-z", *_PATHS)
    if status is None:
        commit = ask_git("rev-parse", "HEAD")
        return {"git_commit": commit, "git_dirty": None} if commit else {}
    lines = [line for line in status.split("\0") if line]
    about = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# "))
    commit, branch = about.get("branch.oid", ""), about.get("branch.head", "")
    if commit == "(initial)":
        return {"git_branch": branch}
    if not commit:
        return {}
    found: dict[str, Any] = {
        "git_commit": commit,
        "git_branch": "HEAD" if branch == "(detached)" else branch,
        "git_dirty": any(not line.startswith("# ") for line in lines),
    }
    untracked = [line[2:] for line in lines if line.startswith("? ")]
    if untracked:
        found["git_untracked"] = untracked[:_MOST_UNTRACKED]
    remote = _remote(about.get("branch.upstream", ""))
    if remote:
        found["git_remote"] = remote
    return found


def git_patch() -> str:
    """Return what differs from the commit, secrets taken out, cut where very long."""
    options = ("--no-color", "--no-ext-diff", "--no-textconv")
    patch = ask_git("diff", *options, "HEAD", *_PATHS)
    return patch_without_secrets(f"{patch}\n", most=_MOST_OF_A_PATCH) if patch else ""


def _code() -> Code:
    state = git_state()
    return Code(state, git_patch() if state.get("git_dirty") else "")


def _remote(upstream: str) -> str:
    """Find the URL of the branch's remote, else of origin, else of any."""
    answer = ask_git("config", "--get-regexp", r"^remote\..*\.url$") or ""
    urls = {
        key.removeprefix("remote.").removesuffix(".url"): url
        for key, _, url in (line.partition(" ") for line in answer.splitlines())
    }
    own = next((name for name in urls if upstream.startswith(f"{name}/")), "origin")
    return without_login(urls.get(own) or next(iter(urls.values()), ""))
