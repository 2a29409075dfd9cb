"""Until when a request for approval can be answered."""

from datetime import UTC, datetime, timedelta

import pytest

from nbmlops.registry.approval_requests import requests, waiting
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.place import Place

END = datetime(2030, 1, 1, tzinfo=UTC)


def ask(catalog: Catalog, expires_at: datetime | None) -> None:
    ends = None if expires_at is None else expires_at.isoformat()
    detail = {"alias": "champion", "reason": "", "approvals": 1, "expires_at": ends}
    with catalog.writing() as writer:
        writer.write("request", "delays/2", detail)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (END - timedelta.resolution, True),
        (END, False),
        (END + timedelta.resolution, False),
    ],
)
def test_a_request_ends_at_the_very_moment_and_waits_no_longer(
    filled: Place, now: datetime, is_open: bool
) -> None:
    ask(filled.catalog, END)
    with filled.reading() as unit:
        assert requests(unit)[0].is_open(now) is is_open
        assert bool(waiting(unit, now)) is is_open


def test_a_request_without_an_end_stays_open(filled: Place) -> None:
    ask(filled.catalog, None)
    with filled.reading() as unit:
        assert requests(unit)[0].is_open(datetime.max.replace(tzinfo=UTC))
        assert len(waiting(unit, END)) == 1
