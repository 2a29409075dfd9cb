"""What gc removes, what it leaves, and what happens beside it."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbmlops.api import Registry
from nbmlops.errors import NbmlopsError, NotAllowed, Tampered, UsageError
from nbmlops.lifecycle.gc import gc
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.place import Place, open_place
from tests.flights import FEATURES, flights
from tests.registry.conftest import version_detail

Add = Callable[..., Any]


def make_old(place: Place) -> None:
    for digest in place.artifacts.digests():
        then = time.time() - 7_200
        os.utime(place.artifacts.path(digest), (then, then))


def digests(found: Any) -> set[str]:
    return {artifact.digest for artifact in found.artifacts}


def test_what_only_a_deleted_version_needs_goes_and_is_said_to_be_gone(
    add: Add, registry: Registry, weaker: Any, tmp_path: Path
) -> None:
    attached = tmp_path / "plan.txt"
    attached.write_text("a plan")
    kept = add()
    gone = add(weaker, train=flights(500, seed=8), attach=[attached])
    registry.delete("delays/2", reason="wrong target")
    make_old(registry._place)

    listed = registry.gc()
    assert {gone.digest, gone.attachments["plan.txt"]} <= digests(listed)
    assert {a.refs for a in listed.artifacts} == {("delays/2",)}
    assert listed.event is None
    assert digests(registry.gc()) == digests(listed), "listing removes nothing"

    done = registry.gc(dry_run=False)
    assert done.event is not None
    assert set(done.event.detail["digests"]) == digests(listed) == digests(done)
    assert registry.history("delays")[0] == done.event
    assert registry.history("delays/2")[0] == done.event
    assert done.event not in list(registry.history("delays/1"))
    assert not digests(done) & registry._place.artifacts.digests()
    found = registry.verify()
    assert (found.problems, found.orphans) == ((), ())
    assert kept.profile is not None
    registry.load("delays/1")
    with pytest.raises(NotAllowed, match=f"removed for good .event {done.event.seq}."):
        registry.restore("delays/2")


def test_what_versions_share_stays(add: Add, registry: Registry) -> None:
    first, second = add(), add()
    assert first.digest == second.digest
    registry.delete("delays/2")
    make_old(registry._place)
    assert first.digest not in digests(registry.gc())
    registry.gc(dry_run=False)
    assert registry.verify().ok
    registry.load("delays/1")


def test_a_version_that_lost_nothing_comes_back(add: Add, registry: Registry) -> None:
    add()
    add(train=None, test=None, input_example=flights(5, seed=1)[FEATURES])
    add(train=None, test=None, input_example=flights(5, seed=1)[FEATURES])
    registry.delete("delays/3")
    make_old(registry._place)
    assert registry.gc(dry_run=False).event is None
    registry.restore("delays/3")
    registry.load("delays/3")


def test_what_was_served_is_kept_for_the_next_version(
    add: Add, registry: Registry
) -> None:
    Path("nbmlops.toml").write_text('[gate.champion]\nskew = "within tolerance"\n')
    add()
    registry.check_skew("delays/1", flights(600, seed=9)[FEATURES])
    add()
    registry.delete("delays/1")
    make_old(registry._place)
    registry.gc(dry_run=False)
    [gate] = [g for g in registry.gates("delays/2") if g.name.startswith("skew")]
    assert "served:" in gate.detail


def test_what_is_young_stays_for_the_register_that_wrote_it(
    place: Place,
) -> None:
    digest = place.artifacts.put(b"a model")
    found = gc(place, dry_run=False)
    assert (found.artifacts, found.young) == ((), 1)
    with place.catalog.writing() as writer:
        writer.write("register", "delays/1", version_detail(digest=digest))
    assert verify(place).ok


def soon(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until


def test_what_is_written_again_is_young_again(place: Place) -> None:
    data = bytes(2_000_000)
    with place.catalog.writing() as writer:
        detail = version_detail(digest=place.artifacts.put(data))
        writer.write("register", "delays/1", detail)
        writer.write("delete", "delays/1", {"reason": ""})
    make_old(place)
    assert len(gc(place).artifacts) == 1
    place.artifacts.put(data)  # as a register under way does
    assert (gc(place).artifacts, gc(place).young) == ((), 1)
    make_old(place)
    with place.artifacts.putting(data) as keep:
        soon(lambda: gc(place).young == 1)  # the thread found the bytes
        make_old(place)  # while the model is being proved
        keep()
        assert gc(place).young == 1
    new = b"new" * 1_000_000
    with place.artifacts.putting(new) as keep:
        soon(
            lambda: (
                [len(new)] == [f.stat().st_size for f in place.artifacts.leftovers()]
            )
        )
        os.utime(place.artifacts.leftovers()[0], (0, 0))
        keep()
        assert gc(place).young == 2


@pytest.mark.parametrize("size", [7, 2_000_000], ids=["small", "in the background"])
def test_what_went_before_it_was_kept_is_written_anew(size: int, place: Place) -> None:
    data = bytes(size)
    digest = place.artifacts.put(data)
    make_old(place)
    with place.artifacts.putting(data) as keep:
        if size > 7:
            soon(lambda: gc(place).young == 1)
        make_old(place)
        assert len(gc(place, dry_run=False).artifacts) == 1
        assert keep() == digest
        assert gc(place).young == 1
    assert place.artifacts.get(digest) == data


def test_a_register_that_took_too_long_is_refused_and_loses_nothing(
    place: Place,
) -> None:
    digest = place.artifacts.put(b"a model")
    make_old(place)
    gc(place, dry_run=False)
    with (
        pytest.raises(NbmlopsError, match="was removed while it was being written"),
        place.catalog.writing() as writer,
    ):
        writer.write("register", "delays/1", version_detail(digest=digest))
    assert verify(place).ok


def test_beside_registers_nothing_young_goes_and_no_version_lacks_its_bytes(
    place: Place,
) -> None:
    def register(number: int) -> str:
        digest = place.artifacts.put(b"one of %d" % (number % 3))
        try:
            with place.catalog.writing() as writer:
                ref = f"delays/{number}"
                writer.write("register", ref, version_detail(digest=digest))
                if number % 2:
                    writer.write("delete", ref, {"reason": ""})
        except NbmlopsError as error:
            return error.message
        return ""

    for age, is_safe in (("1h", True), ("0m", False)):
        numbers = range(1, 25) if is_safe else range(25, 49)
        with ThreadPoolExecutor(4) as pool:
            made = [pool.submit(register, number) for number in numbers]
            for _ in range(12):
                gc(place, dry_run=False, older_than=age)
        refused = [one.result() for one in made if one.result()]
        assert not (is_safe and refused)
        assert all("was removed while it was being" in said for said in refused)
        assert verify(place).problems == ()


def test_what_was_removed_can_be_registered_anew(place: Place) -> None:
    detail = version_detail(digest=place.artifacts.put(b"a model"))
    with place.catalog.writing() as writer:
        writer.write("register", "delays/1", detail)
        writer.write("delete", "delays/1", {"reason": ""})
    make_old(place)
    gc(place, dry_run=False)
    digest = place.artifacts.put(b"a model")
    with place.catalog.writing() as writer:
        writer.write("register", "delays/2", detail)
    assert verify(place).ok
    place.artifacts.path(digest).write_bytes(b"mallory")
    assert not verify(place).ok, "what is named again is looked at again"


def test_a_crash_before_the_files_go_costs_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = version_detail(digest=place.artifacts.put(b"a model"))
    with place.catalog.writing() as writer:
        writer.write("register", "delays/1", detail)
        writer.write("delete", "delays/1", {"reason": ""})
    make_old(place)
    with monkeypatch.context() as patched:
        patched.setattr(Artifacts, "discard", lambda self, digest: None)
        gc(place, dry_run=False)
    assert verify(place).ok
    assert len(gc(place, dry_run=False).artifacts) == 1
    assert place.artifacts.digests() == set()
    assert verify(place).ok


def test_what_was_restored_in_time_is_needed_again(place: Place) -> None:
    with place.catalog.writing() as writer:
        detail = version_detail(digest=place.artifacts.put(b"a model"))
        writer.write("register", "delays/1", detail)
        writer.write("delete", "delays/1", {"reason": ""})
        writer.write("restore", "delays/1", {})
    make_old(place)
    assert gc(place, dry_run=False).artifacts == ()


def test_what_no_event_names_goes_too(place: Place) -> None:
    digest = place.artifacts.put(b"left by a crash")
    make_old(place)
    [found] = gc(place, dry_run=False).artifacts
    assert (found.digest, found.size, found.refs) == (digest, 15, ())
    assert verify(place).orphans == ()


def test_a_table_that_was_edited_deletes_nothing(place: Place) -> None:
    with place.catalog.writing() as writer:
        detail = version_detail(digest=place.artifacts.put(b"a model"))
        writer.write("register", "delays/1", detail)
    make_old(place)
    with duckdb.connect(str(place.folder / "registry.duckdb")) as connection:
        connection.execute("update model_version set deleted_at = now()::timestamp")
    assert gc(place, dry_run=False).artifacts == ()


def test_where_the_trail_is_not_whole_nothing_is_removed(place: Place) -> None:
    place.artifacts.put(b"a model")
    make_old(place)
    (place.folder / "head").unlink()
    with pytest.raises(Tampered, match="the head file is missing"):
        gc(place, dry_run=False)
    assert len(place.artifacts.digests()) == 1


@pytest.mark.parametrize("age", ["", "1", "1y", "-1h", None, 3])
def test_an_age_is_a_number_and_a_unit(place: Place, age: Any) -> None:
    with pytest.raises(UsageError, match="older_than cannot be"):
        gc(place, older_than=age)


def test_what_waits_for_approval_is_not_deleted(add: Add, registry: Registry) -> None:
    add()
    registry.request("delays/1", "challenger")
    with pytest.raises(NotAllowed, match="requested for challenger") as refused:
        registry.delete("delays/1")
    assert "reject delays/1 --to challenger" in refused.value.hint
    registry.reject("delays/1")
    registry.delete("delays/1")


def test_garbage_says_what_it_is(place: Place) -> None:
    assert repr(gc(place)) == "Nothing to remove"
    place.artifacts.put(b"young")
    assert "1 artifact younger than 60 min" in repr(gc(place))
    make_old(place)
    listed = gc(place)
    assert "1 artifact, 5 B, needed by no version" in repr(listed)
    assert "%mlops gc --run" in repr(listed)
    assert "gc --run" in listed._repr_html_()
    done = gc(place, dry_run=False)
    assert repr(done).startswith("Removed 1 artifact, 5 B (event 2)")
    assert done.to_dict()["removed"]
    assert "gc --run" not in done._repr_html_()


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["register", "delete", "restore", "gc"]),
        st.integers(1, 2),
        st.sampled_from([b"a", b"b", b"c"]),
    ),
    max_size=12,
)


@given(actions=ACTIONS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_version_that_is_there_ever_lacks_its_bytes(
    actions: list[tuple[str, int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = _made(tmp_path_factory.mktemp("place") / ".nbmlops")
    live: dict[int, str] = {}
    number = 0
    for verb, which, data in actions:
        if verb == "gc":
            gc(place, dry_run=False, older_than="0m")
            assert place.artifacts.digests() == set(live.values())
            continue
        with place.catalog.writing() as writer:
            if verb == "register":
                number += 1
                live[number] = place.artifacts.put(data)
                detail = version_detail(digest=live[number])
                writer.write("register", f"delays/{number}", detail)
        if verb == "delete" and which in live:
            del live[which]
            with place.catalog.writing() as writer:
                writer.write("delete", f"delays/{which}", {"reason": ""})
        if verb == "restore" and which <= number and which not in live:
            registry = Registry(place)
            try:
                registry.restore(f"delays/{which}")
            except NotAllowed:
                continue
            live[which] = place.version(f"delays/{which}").digest
    found = verify(place)
    assert found.problems == ()
    for digest in live.values():
        place.artifacts.check(digest)


def _made(folder: Path) -> Place:
    made = open_place(folder, actor="ana@example.com")
    with made.catalog.writing(create=True):
        pass
    return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return _made(tmp_path / ".nbmlops")
