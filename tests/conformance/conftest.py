"""The catalogs, each an empty place of its own per test."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry, open_registry

# From a test's own folder to the location of a place that does not exist yet.
CATALOGS: Mapping[str, Callable[[Path], str]] = {
    "duckdb": lambda folder: str(folder / "place" / ".nbmlops"),
}

Open = Callable[..., Registry]


@pytest.fixture(params=list(CATALOGS))
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return CATALOGS[request.param](tmp_path)


@pytest.fixture
def open_as(location: str) -> Open:
    """Open the one place again, as somebody else does from another notebook."""

    def open_it(actor: str = "ana@example.com") -> Registry:
        return open_registry(location, actor=actor)

    return open_it


@pytest.fixture
def place(open_as: Open) -> Registry:
    return open_as()


@pytest.fixture
def fitted() -> Callable[[float], LogisticRegression]:
    """Make small models that differ."""

    def fit(strength: float = 1.0) -> LogisticRegression:
        return LogisticRegression(C=strength).fit([[0.0], [1.0]], [0, 1])

    return fit


@pytest.fixture
def two(place: Registry, fitted: Callable[[float], LogisticRegression]) -> Registry:
    """A place with delays/1 and delays/2."""
    place.register(fitted(1.0), "delays", description="first")
    place.register(fitted(0.1), "delays", description="second")
    return place
