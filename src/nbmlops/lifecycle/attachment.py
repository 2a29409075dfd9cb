"""Reading a file that was attached to a version."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmlops.display import numbers
from nbmlops.display.markup import tag
from nbmlops.display.saving import save_bytes
from nbmlops.display.text import clean, clean_lines
from nbmlops.display.theme import scoped
from nbmlops.errors import NotFound
from nbmlops.host import typed
from nbmlops.registry.artifacts import text_of
from nbmlops.registry.place import Place

MOST_SHOWN = 20_000  # characters; `data` and `text` have all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file as it was attached to a version.

    Attributes
    ----------
    ref, name
        The version, and what the file is called there.
    digest
        SHA-256 of its bytes, in hex.
    data
        Its bytes, verified.
    path
        Where they were written; None if they were not.
    """

    ref: str
    name: str
    digest: str
    data: bytes
    path: Path | None = None

    @property
    def text(self) -> str | None:
        """What it says; None if it is no text (UTF-8)."""
        return text_of(self.data)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; what is no text is left to the file."""
        return {
            "ref": self.ref,
            "name": self.name,
            "digest": self.digest,
            "size": len(self.data),
            "text": self.text,
            "path": None if self.path is None else str(self.path),
        }

    def __repr__(self) -> str:
        if self.path is not None:
            return self._headline()
        return self._shown() or f"{self._headline()}\n  {self._how()} writes it"

    def _repr_html_(self) -> str:
        text = self._shown()
        return scoped(
            tag("p", self._headline()),
            tag("pre", text.splitlines(keepends=True))
            if text
            else tag("p", f"{self._how()} writes it"),
        )

    def _headline(self) -> str:
        size = numbers.size(len(self.data))
        return f"{clean(self.name)} of {self.ref}, {size}"

    def _how(self) -> str:
        return typed(f"attachment {self.ref} {clean(self.name)} --out FILE")

    def _shown(self) -> str:
        """Give the beginning of the text, safe to print; "" if there is none."""
        text = self.text or ""
        rest = len(text) - MOST_SHOWN
        more = f"\n... and {rest:,} characters more" if rest > 0 else ""
        return clean_lines(text[:MOST_SHOWN]) + more


def attachment(
    place: Place, ref: str, name: str, *, out: str | Path | None = None
) -> Attachment:
    """Read a file that was attached to a version.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    name
        What the file is called there.
    out
        A file to write it to as well, byte for byte.

    Returns
    -------
    Attachment
        Its bytes are those that were attached: the digest is verified first.

    Raises
    ------
    NotFound
        If there is no such attachment.
    """
    version = place.version(ref)
    known = version.attachments
    if name not in known:
        nothing = f"nothing is attached to {version.ref}"
        raise NotFound("attachment", name, known, hint="" if known else nothing)
    data = place.artifacts.get(known[name])
    return Attachment(
        ref=version.ref,
        name=name,
        digest=known[name],
        data=data,
        path=None if out is None else save_bytes(out, data),
    )
