"""The reader's own files: what they vouch for, and what is wrong in them."""

from pathlib import Path

import pytest

from nbmlops.errors import UsageError
from nbmlops.registry.models.trust import (
    Trust,
    reader_trust,
    trust,
    trust_file,
    trust_toml,
)

ONE, TWO = "1" * 64, "2" * 64


def test_no_file_vouches_for_nothing() -> None:
    assert reader_trust() == Trust()


def test_both_files_count_together() -> None:
    trust(ONE)
    trust_toml().write_text(
        f'[trust]\ntypes = ["a.B"]\ndigests = ["{TWO}"]\nkeys = ["ed25519:k"]\n'
    )
    expected = Trust(
        types=frozenset({"a.B"}),
        digests=frozenset({ONE, TWO}),
        keys=frozenset({"ed25519:k"}),
    )
    assert reader_trust() == expected


def test_what_was_registered_is_added_once_behind_a_line_by_hand() -> None:
    trust_file().write_text(ONE)  # without an end of line
    trust(TWO)
    trust(TWO)
    assert trust_file().read_text().split() == [ONE, TWO]


def test_by_default_both_lie_in_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NBMLOPS_TRUST_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert trust_file().name == "trusted-digests"
    assert trust_toml() == trust_file().parent / "trust.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trust", "is not valid TOML"),
        ("types = []", "has 'types', which means nothing there"),
        ("[trusted]", r"(?s)has 'trusted'.*did you mean 'trust'"),
        ("trust = 1", "trust is no table"),
        ("[trust]\ntype = []", r"(?s)has 'type', .*did you mean 'types'"),
        ("[trust]\ntypes = 'a.B'", "types is 'a.B', not a list of texts"),
        ("[trust]\nkeys = [1]", r"keys is \[1\], not a list of texts"),
        ("[trust]\ndigests = ['abc']", "trust.toml: 'abc' is not a SHA-256 digest"),
    ],
)
def test_a_wrong_file_is_refused_by_what_is_wrong(text: str, said: str) -> None:
    trust_toml().write_text(text)
    with pytest.raises(UsageError, match=said):
        reader_trust()


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, ONE.upper() + "A"])
def test_only_digests_are_added(digest: str) -> None:
    with pytest.raises(UsageError, match="is not a SHA-256 digest"):
        trust(digest)
    assert not trust_file().exists()


def test_the_file_that_is_written_by_hand_is_not_the_one_that_is_added_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", "/etc/nb/trust.toml")
    said = r"(?s)is /etc/nb/trust\.toml.*by hand.*/etc/nb/trusted-digests"
    for use in (reader_trust, lambda: trust(ONE)):
        with pytest.raises(UsageError, match=said):
            use()


@pytest.mark.parametrize("content", [b"[trust]\ntypes = []", b"\xff" * 9, b"1" * 63])
def test_a_file_that_holds_other_things_is_neither_read_nor_added_to(
    content: bytes,
) -> None:
    trust_file().write_bytes(content)
    for use in (reader_trust, lambda: trust(ONE)):
        with pytest.raises(UsageError, match="not the list of digests that register"):
            use()
    assert trust_file().read_bytes() == content


def test_a_folder_is_no_trust_file() -> None:
    trust_file().mkdir()
    with pytest.raises(UsageError, match="trusted-digests is a folder"):
        reader_trust()
