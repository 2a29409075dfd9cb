"""The parts of a report beside its columns: rows by key, predictions, windows ...

A section is judged by itself and knows how to show itself. A new one is a class with
these members and one entry in `section_kinds.KINDS`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict


class Section(Protocol):
    """What a part of a report has.

    Attributes
    ----------
    key
        Its name in `report.sections` and in JSON: "parity".
    title
        Its heading: "Rows by key".
    """

    key: ClassVar[str]
    title: ClassVar[str]

    @property
    def verdict(self) -> "Verdict":
        """One of `VERDICTS`; "no evidence" where it only informs."""

    @property
    def headline(self) -> str:
        """What it found, in one sentence that ends without a full stop."""

    def lines(self) -> list[str]:
        """Say it in at most eight lines of at most 96 characters, without headline."""

    def html(self) -> "Markup":
        """Show it without title and headline, in at most 15,000 bytes."""

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold exactly."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Section":
        """Build the section that `to_dict` gave."""
