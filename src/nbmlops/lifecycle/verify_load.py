"""Proving a version anew: it loads here, and answers its example as it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sklearn

from nbmlops.display.markup import tag
from nbmlops.display.table import status
from nbmlops.display.text import clean
from nbmlops.display.theme import scoped
from nbmlops.errors import NotAllowed
from nbmlops.lifecycle.answers import Answers, count, difference
from nbmlops.lifecycle.quarantine import quarantine
from nbmlops.lifecycle.sklearn_version import written_by
from nbmlops.lifecycle.vouching import is_vouched, own_ref
from nbmlops.registry.models.proofs import VERB
from nbmlops.registry.models.trust import reader_trust
from nbmlops.registry.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProof:
    """How a version loaded and answered.

    Attributes
    ----------
    ref, digest
        The version and its bytes.
    ok
        True if it loaded, and nothing that it answers has changed.
    written, here
        The versions of scikit-learn: the one that wrote it, and the one installed.
    values
        How many stored answers were compared; 0 if none were stored.
    detail
        What was found, in a sentence.
    """

    ref: str
    digest: str
    ok: bool
    written: str
    here: str
    values: int
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def verdict(self) -> str:
        """What was proved, in a sentence."""
        return f"{self.ref} {'loads' if self.ok else 'does not load'}: {self.detail}"

    def __repr__(self) -> str:
        return f"{clean(self.verdict)}\n  {_versions(self)}"

    def _repr_html_(self) -> str:
        return scoped(
            tag("h2", status("pass" if self.ok else "fail", self.verdict)),
            tag("p", _versions(self)),
        )


def verify_load(place: Place, ref: str, *, trust: Sequence[str] = ()) -> LoadProof:
    """Prove that a version loads here and answers its stored example as it did.

    It is loaded in a process of its own, with limits on time and memory. An event keeps
    what was found; a good proof lets the version load although another scikit-learn
    wrote it, or although it was imported.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    trust
        Digests or refs that the caller vouches for on this call.

    Returns
    -------
    LoadProof
        What was found; `ok` tells whether it is as it should be.
    """
    version = place.version(ref)
    data = place.artifacts.get(version.digest)
    reader, named = reader_trust(), own_ref(version, ref, trust)
    vouched = is_vouched(place, version, data, reader=reader, trust=named)
    expected = version.example.get("answers") or {}
    try:
        answers = quarantine(
            place, version, data, is_trusted=vouched, types=reader.types
        )
    except NotAllowed as error:
        found, ok = error.message, False
    else:
        found, ok = _compared(expected, answers)
    proof = LoadProof(
        ref=version.ref,
        digest=version.digest,
        ok=ok,
        written=written_by(version),
        here=sklearn.__version__,
        values=count(expected) if ok else 0,
        detail=found,
    )
    detail = proof.to_dict()
    del detail["ref"]
    with place.catalog.writing() as writer:
        writer.write(VERB, version.ref, detail)
    return proof


def _compared(expected: Answers, answers: Answers) -> tuple[str, bool]:
    differs = difference(expected, answers)
    if differs:
        return differs, False
    values = count(expected)
    if values:
        return f"{values} stored answers are the same", True
    if answers:
        return "it answers its example; no answers were stored to compare", True
    return "no example was stored that it could answer", True


def _versions(proof: LoadProof) -> str:
    written = proof.written or "an unknown version"
    return f"written by scikit-learn {written}, here is {proof.here}"
