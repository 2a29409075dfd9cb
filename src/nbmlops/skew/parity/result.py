"""What the comparison of rows by key found: a section of the report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nbmlops.skew.plain import plain
from nbmlops.skew.repair.steps import Step, read_step, step_dict

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict

# Of which differing pairs a relation speaks: two values, a value here alone, or there.
Part = Literal["values", "filled", "emptied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How serving's values follow from training's in the pairs that differ.

    Attributes
    ----------
    kind
        Of the fixed list of causes.
    part
        Of which pairs it speaks: "values" where both sides have one, "filled" where
        only serving has, "emptied" where only training has.
    detail
        One sentence: "serving = training x 1000 in 100% of 4,312 pairs: ...".
    right, pairs
        In how many pairs it holds, of how many differing ones that were looked at.
    always
        Whether the pairs that agree follow it too, so that it can be undone.
    also
        Other kinds that fit these pairs as well.
    mend
        What turns serving back; () where nothing does.
    """

    kind: str
    part: Part = "values"
    detail: str
    right: int
    pairs: int
    always: bool
    also: tuple[str, ...] = ()
    mend: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One pair that differs: its key and both values as text, None for null."""

    key: tuple[str, ...]
    reference: str | None
    serving: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnParity:
    """One column of the pairs that does not agree everywhere.

    Attributes
    ----------
    name, kind
        The column, and the kind as which it was compared.
    matching, mismatching
        Pairs whose values agree (two nulls do), and that have two other values.
    only_serving, only_reference
        Pairs with a value on this side and a null on the other.
    at_least
        The share of pairs that differ is at least this, at the section's level over
        all columns (exact, Clopper and Pearson 1934).
    is_fault
        Whether that is more than may be.
    is_muted
        Whether the column is acknowledged: its fault does not count.
    relations
        How the values follow from each other, at most one for nulls and one for
        values; none where they are just other values.
    samples
        Up to 5 pairs that differ.
    """

    name: str
    kind: str
    matching: int
    mismatching: int
    only_serving: int
    only_reference: int
    at_least: float
    is_fault: bool
    is_muted: bool = False
    relations: tuple[Relation, ...] = ()
    samples: tuple[Sample, ...] = ()

    @property
    def differing(self) -> int:
        """The pairs that differ in any way."""
        return self.mismatching + self.only_serving + self.only_reference

    @property
    def explained(self) -> float:
        """The share of the differing pairs that the relations explain, 0 to 1."""
        count = sum(self.count_of(relation) for relation in self.relations)
        return count / self.differing

    def count_of(self, relation: Relation) -> float:
        """Estimate how many of the differing pairs a relation explains."""
        if relation.kind == "swapped":
            return self.differing * relation.right / relation.pairs
        of = {
            "values": self.mismatching,
            "filled": self.only_serving,
            "emptied": self.only_reference,
        }
        return of[relation.part] * relation.right / relation.pairs

    @property
    def share(self) -> float:
        """The share of pairs that differ, 0 to 1."""
        return self.differing / (self.matching + self.differing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRows:
    """What became of one side's rows.

    Attributes
    ----------
    rows
        All of them.
    without_key
        Rows with a null in the key.
    repeated
        Rows left out because their key is not the only one of its kind.
    alone
        Rows whose key the other side does not have.
    """

    rows: int
    without_key: int
    repeated: int
    alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Rows by key: how the values of the same row differ between the sides.

    Attributes
    ----------
    by
        The columns of the key.
    time
        The column by which the newest earlier row was taken, "" where none.
    pairs
        How many rows were matched.
    serving, reference
        What became of each side's rows.
    columns
        The columns that differ, the worst first.
    agreeing
        The columns in which all pairs agree.
    alpha
        The level of the bounds: of checks without a fault, so many find one.
    words
        What the sides are called: (reference, serving).
    """

    key: ClassVar[str] = "parity"
    title: ClassVar[str] = "Rows by key"

    by: tuple[str, ...]
    time: str
    pairs: int
    serving: SideRows
    reference: SideRows
    columns: tuple[ColumnParity, ...]
    agreeing: tuple[str, ...]
    alpha: float
    words: tuple[str, str]

    @property
    def verdict(self) -> "Verdict":
        """A handling fault where a column differs by more than may be."""
        if any(c.is_fault and not c.is_muted for c in self.columns):
            return "handling fault"
        return "within tolerance" if self.columns else "no evidence"

    @property
    def headline(self) -> str:
        """What it found, in one sentence."""
        from nbmlops.skew.parity.view import headline

        return headline(self)

    def lines(self) -> list[str]:
        """Say it in at most eight lines."""
        from nbmlops.skew.parity.view import parity_lines

        return parity_lines(self)

    def html(self) -> "Markup":
        """Show the columns that differ as a table, their samples folded."""
        from nbmlops.skew.parity.view import parity_html

        return parity_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold exactly."""
        return {
            "by": list(self.by),
            "time": self.time,
            "pairs": self.pairs,
            "serving": asdict(self.serving),
            "reference": asdict(self.reference),
            "columns": [_column_dict(column) for column in self.columns],
            "agreeing": list(self.agreeing),
            "alpha": self.alpha,
            "words": list(self.words),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Parity":
        """Build the section that `to_dict` gave."""
        before, after = data["words"]
        return cls(
            by=tuple(data["by"]),
            time=data["time"],
            pairs=data["pairs"],
            serving=SideRows(**data["serving"]),
            reference=SideRows(**data["reference"]),
            columns=tuple(_column(entry) for entry in data["columns"]),
            agreeing=tuple(data["agreeing"]),
            alpha=data["alpha"],
            words=(before, after),
        )


def _column_dict(column: ColumnParity) -> dict[str, Any]:
    values = plain(asdict(column))
    for entry, relation in zip(values["relations"], column.relations, strict=True):
        entry["mend"] = [plain(step_dict(step)) for step in relation.mend]
    return values


def _column(data: Mapping[str, Any]) -> ColumnParity:
    relations = tuple(
        Relation(
            **{
                **entry,
                "also": tuple(entry["also"]),
                "mend": tuple(read_step(step) for step in entry["mend"]),
            }
        )
        for entry in data["relations"]
    )
    samples = tuple(
        Sample(**{**entry, "key": tuple(entry["key"])}) for entry in data["samples"]
    )
    return ColumnParity(**{**data, "relations": relations, "samples": samples})
