"""An export of any origin is imported whole, or refused with nothing changed."""

import hashlib
import json
import re
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbmlops.errors import NbmlopsError, NotAllowed, Tampered, UsageError
from nbmlops.lifecycle.browse import history
from nbmlops.refs import Ref
from nbmlops.registry.audit.chain import Line, chain_hash
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.moving import archive
from nbmlops.registry.moving.archive import MANIFEST, Limits
from nbmlops.registry.moving.bundle import EVENTS, export
from nbmlops.registry.moving.importing import import_
from nbmlops.registry.place import Place, open_place
from tests.registry.moving.forging import Members, forged, listed, members_of, zipped
from tests.registry.sample import fill

MANY = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """Export a model at which every verb has been."""
    folder = tmp_path_factory.mktemp("sample")
    export(fill(folder / ".nbmlops"), "delays", folder / "delays.zip")

    def gated(verb: str, detail: dict[str, Any]) -> None:
        if verb == "promote":  # the sample moves aliases past the gates
            detail["forced"] = False

    return forged(members_of(folder / "delays.zip"), gated)


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., NbmlopsError]:
    """Import bytes that must be refused, and look that nothing was changed."""
    place = open_place(tmp_path / "deep" / "down" / ".nbmlops", actor="bob")
    with place.catalog.writing(create=True):
        pass

    def attempt(data: bytes, match: str, kind: type[NbmlopsError] = Tampered) -> Any:
        path = tmp_path / "hostile.zip"
        path.write_bytes(data)
        before = _files(tmp_path)
        with pytest.raises(kind, match=match) as error:
            import_(place, path)
        assert _files(tmp_path) == before
        assert len(str(error.value).splitlines()) <= 3
        return error.value

    return attempt


def _files(folder: Path) -> dict[Path, bytes]:
    found = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: data for path, data in found.items() if ".lock" not in path.name}


@pytest.mark.parametrize(
    "name",
    [
        "../up", "../../up", "/tmp/up", "artifacts/../../up", "artifacts/up",
        "C:\\up", "artifacts\\..\\up", "registry.duckdb", "artifacts/",
        f"artifacts/{'a' * 63}\n", f"artifacts/{'A' * 64}", "events.jsonl/",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(
    members: Members, refused: Callable[..., Any], name: str
) -> None:
    refused(zipped(listed({**members, name: b"x"})), "which no (export|backup) has")


def test_a_name_that_ends_early_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    name = f"artifacts/{'a' * 64}"
    data = zipped(listed({**members, f"{name}Xup": b"x"}))
    refused(data.replace(b"Xup", b"\0up"), "which no (export|backup) has")


def test_a_link_is_refused(members: Members, refused: Callable[..., Any]) -> None:
    data = b"/etc/passwd"
    name = f"artifacts/{hashlib.sha256(data).hexdigest()}"
    whole = zipped(listed({**members, name: data}))
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(_rewritten(whole, {name: info}), "is a link")


def test_a_member_that_comes_twice_is_refused(
    members: Members, refused: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "twice.zip"
    path.write_bytes(zipped(members))
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr(EVENTS, b"other events")
    refused(path.read_bytes(), r"it holds '.*' twice")


def test_what_would_unpack_to_far_more_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    bomb = bytes(2**24)
    name = f"artifacts/{hashlib.sha256(bomb).hexdigest()}"
    data = zipped(listed({**members, name: bomb}), compression=zipfile.ZIP_DEFLATED)
    assert len(data) < 2**17
    refused(data, "would unpack to")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_no_export_is_compressed_by_is_refused(
    members: Members, refused: Callable[..., Any], compression: int
) -> None:
    refused(zipped(members, compression=compression), "compressed in an unknown way")


def test_an_encrypted_member_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    data = bytearray(zipped(members))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the first entry of the directory
    data[data.index(b"PK\x03\x04") + 6] |= 1
    refused(bytes(data), "is encrypted")


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {EVENTS: 1},
        {EVENTS: {"size": 1}},
        {EVENTS: {"sha256": "0" * 64, "size": "1"}},
        {EVENTS: {"sha256": "0" * 63, "size": 1}},
    ],
)
def test_a_manifest_that_does_not_list_its_members_is_refused(
    members: Members, refused: Callable[..., Any], said: Any
) -> None:
    refused(zipped(listed(members, members=said)), "does not list its members")


def test_another_size_than_the_manifest_says_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    said = json.loads(listed(members)[MANIFEST])["members"]
    said[EVENTS]["size"] += 1
    refused(zipped(listed(members, members=said)), "is not what its manifest says")


@pytest.mark.parametrize("manifest", [b"[]", b"1", b"{", b"\xff"])
def test_a_manifest_that_is_no_object_is_refused(
    members: Members, refused: Callable[..., Any], manifest: bytes
) -> None:
    refused(zipped({**members, MANIFEST: manifest}), "is refused")


def test_a_size_that_is_not_the_real_one_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    bomb = bytes(2**20)
    name = f"artifacts/{hashlib.sha256(bomb).hexdigest()}"
    data = zipped(listed({**members, name: bomb}), compression=zipfile.ZIP_DEFLATED)
    size, lie = (2**20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    refused(data.replace(size, lie), "is refused")


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (Limits(members=3), "members"),
        (Limits(bytes=100), "would unpack"),
        (Limits(manifest_bytes=100), "its manifest has"),
    ],
)
def test_what_is_too_large_is_refused(
    members: Members,
    refused: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    limits: Limits,
    match: str,
) -> None:
    monkeypatch.setattr(archive, "LIMITS", limits)
    refused(zipped(members), match)


def test_bytes_that_are_not_those_of_the_manifest_are_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    for name, data in members.items():
        if name != MANIFEST:
            changed = bytes([data[0] ^ 1]) + data[1:]
            refused(zipped({**members, name: changed}), "not what its manifest says")
    gone = {n: d for n, d in members.items() if n != EVENTS}
    refused(zipped(gone), "manifest and members differ")
    added = {**members, f"artifacts/{'a' * 64}": b"x"}
    refused(zipped(added), "manifest and members differ")


def test_an_artifact_that_is_not_what_its_name_says_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    name = next(name for name in members if name.startswith("artifacts/"))
    refused(zipped(listed({**members, name: b"evil"})), "not what its name says")


def test_an_artifact_that_is_missing_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    model = hashlib.sha256(b"model").hexdigest()
    gone = {n: d for n, d in members.items() if not n.endswith(model)}
    refused(zipped(listed(gone)), "which it lacks")


def test_another_format_or_kind_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    found = refused(zipped(listed(members, format=2)), "is of format 2", NotAllowed)
    assert "upgrade" in found.hint
    refused(
        zipped(listed(members, kind="backup")),
        "is no export of nbmlops: .* of kind 'backup'",
        UsageError,
    )
    gone = {n: d for n, d in members.items() if n != MANIFEST}
    refused(
        zipped(gone), "is no export of nbmlops: it has no manifest.json", UsageError
    )


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"holiday.jpg": b"jpg"}, "it has no manifest.json"),
        ({MANIFEST: b"{}"}, "its manifest.json is another program's"),
    ],
    ids=["photos", "browser extension"],
)
def test_a_zip_of_something_else_is_told_from_a_damaged_export(
    refused: Callable[..., Any], files: dict[str, bytes], why: str
) -> None:
    found = refused(zipped(files), f"is no export of nbmlops: {why}", UsageError)
    assert found.hint == "import reads what export wrote, recover what backup wrote"


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_export_is_refused(refused: Callable[..., Any], data: bytes) -> None:
    refused(data, "is no zip|it has no manifest", UsageError)


def test_a_file_that_is_not_there_is_named(refused: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file .*none\.zip"):
        import_(open_place(tmp_path / ".nbmlops", actor=None), tmp_path / "none.zip")


def test_an_edited_event_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    edited = members[EVENTS].replace(b"within tolerance", b"over tolerance")
    assert edited != members[EVENTS]
    refused(zipped(listed({**members, EVENTS: edited})), "is not what was hashed")


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-13-01T00:00:00"])
def test_an_event_without_a_moment_is_refused(
    moment: str, members: Members, refused: Callable[..., Any]
) -> None:
    first, _, others = members[EVENTS].decode().partition("\n")
    fields = {**json.loads(first), "happened_at": moment}
    fields["hash"] = chain_hash(Line(**fields))
    edited = f"{json.dumps(fields)}\n{others}".encode()
    refused(zipped(listed({**members, EVENTS: edited})), "has no moment")


def test_versions_that_the_events_do_not_register_are_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    for versions in ([], ["delays/1"], ["delays/9"], ["arrivals/1"], ["delays"]):
        refused(zipped(listed(members, versions=versions)), "its manifest says")


def test_an_export_of_nothing_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    empty = listed({**members, EVENTS: b""}, versions=[])
    refused(zipped(empty), "are no versions of delays")


def test_another_model_than_that_of_its_versions_is_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    refused(zipped(listed(members, name="arrivals")), "are no versions of arrivals")


@pytest.mark.parametrize("key", ["registry", "head"])
def test_a_manifest_whose_origin_is_no_text_is_refused(
    members: Members, refused: Callable[..., Any], key: str
) -> None:
    refused(zipped(listed(members, **{key: 1})), "1 is no text")


@pytest.mark.parametrize("ref", ["delays", "delays@champion"])
def test_a_version_without_a_number_is_refused(
    members: Members, refused: Callable[..., Any], ref: str
) -> None:
    events = [json.loads(line) for line in members[EVENTS].splitlines()]
    for fields in events:
        if fields["subject"] == "delays/1":
            fields["subject"] = ref
            fields["hash"] = chain_hash(Line(**fields))
    lines = "\n".join(map(json.dumps, events)).encode()
    versions = [ref, *json.loads(members[MANIFEST])["versions"][1:]]
    data = zipped(listed({**members, EVENTS: lines}, versions=versions))
    refused(data, "are no versions of delays")


@pytest.mark.parametrize(
    "changed",
    [
        {"more": "1"},
        {"seq": "2"},
        {"seq": True},
        {"seq": 2.0},
        {"actor": 1},
        {"detail": "[]"},
        {"detail": None},
    ],
    ids=str,
)
def test_a_line_that_is_no_event_is_refused_by_its_number(
    members: Members, refused: Callable[..., Any], changed: dict[str, Any]
) -> None:
    first, _, others = members[EVENTS].decode().partition("\n")
    for text in (json.dumps({**json.loads(first), **changed}), "[]", "{}"):
        edited = f"{text}\n{others}".encode()
        data = zipped(listed({**members, EVENTS: edited}))
        refused(data, rf"line 1 of {EVENTS} is no event")


@pytest.mark.parametrize(
    ("verb", "key", "value"),
    [
        ("register", "digest", "../../etc/passwd"),
        ("register", "attachments", {"a": 5}),
        ("register", "params", {"C": None}),
        ("register", "reported", {"auc": float("nan")}),
        ("register", "signature", {"columns": [{"name": 1}], "is_partial": False}),
        ("register", "size", 2**70),
        ("register", "description", "half \udc80"),
        ("register", "source", {"git_commit": ["a"]}),
        ("register", "datasets", [{"digest": "d" * 64}]),
        ("evaluate", "metrics", {"auc": "high"}),
        ("note", "text", {"b": 1}),
        ("describe", "description", None),
        ("rebaseline", "profile", ["a"]),
        ("check", "columns", None),
        ("promote", "alias", 7),
    ],
)  # fmt: skip
def test_a_detail_that_no_verb_writes_is_refused(
    members: Members, refused: Callable[..., Any], verb: str, key: str, value: Any
) -> None:
    def change(found: str, detail: dict[str, Any]) -> None:
        if found == verb:
            detail[key] = value

    refused(zipped(forged(members, change)), "is not what that verb writes|half")


def test_details_that_are_nested_too_deep_are_refused(
    members: Members, refused: Callable[..., Any]
) -> None:
    line = json.loads(members[EVENTS].decode().splitlines()[0])
    line["detail"] = "[" * 100_000
    events = json.dumps(line).encode()
    refused(zipped(listed({**members, EVENTS: events})), "is refused")


def test_hostile_words_are_shown_as_words(members: Members, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>'; drop table event; --"

    def change(verb: str, detail: dict[str, Any]) -> None:
        if verb == "register":
            detail |= {"description": evil, "estimator": evil, "tags": {evil: evil}}
            detail["params"] = {evil: evil}
        if verb == "note":
            detail["text"] = evil
        if verb == "describe":
            detail["description"] = evil

    path = tmp_path / "evil.zip"
    path.write_bytes(zipped(forged(members, change)))
    place = open_place(tmp_path / ".nbmlops", actor="bob")
    brought = import_(place, path)
    shown = [version._repr_html_() for version in brought]
    shown.append(history(place, "delays")._repr_html_())
    assert all("<script" not in page for page in shown)
    assert verify(place).problems == ()


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Cut, put in or overwrite a few bytes anywhere."""
    changes = draw(
        st.lists(
            st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=40)),
            min_size=1,
            max_size=4,
        )
    )

    def mutate(data: bytes) -> bytes:
        for share, length, new in changes:
            at = int(share * len(data))
            data = data[:at] + new + data[at + length :]
        return data

    return mutate


def _is_imported_whole_or_refused(folder: Path, data: bytes) -> None:
    path = folder / "mutated.zip"
    path.write_bytes(data)
    target = Path(tempfile.mkdtemp(dir=folder))
    others = _outside(folder, target)
    place = open_place(target / ".nbmlops", actor="bob")
    try:
        brought = import_(place, path)
    except NbmlopsError as error:
        lines = len(str(error).splitlines())
        is_unchanged = not place.catalog.exists or verify(place).events <= 1
        assert (lines <= 3, is_unchanged) == (True, True)
    else:
        for version in brought:
            assert version._repr_html_()
            assert repr(history(place, version.ref))
        assert verify(place).problems == ()
    assert _outside(folder, target) == others


def _outside(folder: Path, target: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if not p.is_relative_to(target)}


@given(mutate=mutations())
@MANY
def test_any_changed_bytes_are_refused_or_do_no_harm(
    members: Members, tmp_path: Path, mutate: Callable[[bytes], bytes]
) -> None:
    _is_imported_whole_or_refused(tmp_path, mutate(zipped(members)))


@given(mutate=mutations(), where=st.sampled_from([MANIFEST, EVENTS]))
@MANY
def test_any_changed_text_is_refused_or_does_no_harm(
    members: Members, tmp_path: Path, mutate: Callable[[bytes], bytes], where: str
) -> None:
    changed = {**members, where: mutate(members[where])}
    fitting = changed if where == MANIFEST else listed(changed)
    _is_imported_whole_or_refused(tmp_path, zipped(fitting))


@given(
    at=st.integers(0, 200),
    value=st.sampled_from(
        [None, True, 0, -1, 2**70, 1e308, "", "../x", "<b>", "a" * 64, [], [[]], {}]
    ),
    is_gone=st.booleans(),
)
@MANY
def test_any_forged_value_is_refused_or_does_no_harm(
    members: Members, tmp_path: Path, at: int, value: Any, is_gone: bool
) -> None:
    def change(verb: str, detail: dict[str, Any]) -> None:
        if detail:
            key = list(detail)[at % len(detail)]
            detail.pop(key) if is_gone else detail.update({key: value})

    _is_imported_whole_or_refused(tmp_path, zipped(forged(members, change)))


def _rewritten(data: bytes, infos: dict[str, zipfile.ZipInfo]) -> bytes:
    """Write a zip again, some members with other attributes."""
    import io

    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w") as target,
    ):
        for info in source.infolist():
            target.writestr(infos.get(info.filename, info), source.read(info))
    return buffer.getvalue()


def test_bytes_that_an_event_speaks_of_go_with_it(filled: Place) -> None:
    digest = filled.artifacts.put(b"spoken of")
    with filled.catalog.writing() as writer:
        writer.write("reproduce", "delays/1", {"ok": False, "model": digest})
    path = filled.folder.with_name("delays.zip")
    export(filled, "delays/1", path)
    assert members_of(path)[f"artifacts/{digest}"] == b"spoken of"


def test_of_its_models_events_a_version_takes_those_that_touched_it(
    filled: Place,
) -> None:
    with filled.catalog.writing() as writer:
        writer.drop_alias("delays", "champion", "retire", {"reason": "of 1"})
        writer.move_alias(Ref("delays", number=2), "champion", "promote", {})
        writer.drop_alias("delays", "champion", "retire", {"reason": "of 2"})
    for ref, reasons in (("delays/1", ["of 1"]), ("delays", ["of 1", "of 2"])):
        path = filled.folder.with_name("delays.zip")
        export(filled, ref, path)
        lines = map(json.loads, members_of(path)[EVENTS].splitlines())
        retired = [json.loads(x["detail"]) for x in lines if x["verb"] == "retire"]
        assert [detail["reason"] for detail in retired] == reasons
        path.unlink()


def test_nothing_is_imported_among_other_things(
    members: Members, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "data.csv").write_text("a")
    (tmp_path / "delays.zip").write_bytes(zipped(members))
    with pytest.raises(NotAllowed, match=r"is no registry: it holds 'data\.csv'"):
        import_(open_place(folder, actor="bob"), tmp_path / "delays.zip")
    assert [path.name for path in folder.iterdir()] == ["data.csv"]


def test_the_sample_itself_is_imported(members: Members, tmp_path: Path) -> None:
    path = tmp_path / "good.zip"
    path.write_bytes(zipped(members))
    place: Place = open_place(tmp_path / ".nbmlops", actor="bob")
    assert [v.number for v in import_(place, path)] == [3, 2, 1]
    assert re.search("before the import", repr(history(place, "delays")))
