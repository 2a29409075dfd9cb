"""Labels spelt in another way: case, blanks, Unicode, numbers and truth as text."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.relabelling import (
    FOUND_BY,
    MOST_FOUND,
    Relabelling,
    Rule,
    agreement,
    by_form,
    mend,
    sentence,
)
from nbmlops.skew.repair.steps import Text

OWN = 4.0
LEAST_EXPLAINED = 0.3  # of the rows in new labels: a form that explains less is none
AS_GOOD = 0.03  # of these rows: the least powerful form within it is the cause
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0", "0.0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form in which labels that differ only in spelling are the same.

    Attributes
    ----------
    kinds
        The causes it speaks for.
    of
        Gives a label's form.
    said
        What differs, in words.
    texts
        Steps that may turn serving's spelling into training's, and what they do.
    show
        How serving's label is shown, where it would look like training's.
    """

    kinds: tuple[str, ...]
    of: Rule
    said: str
    texts: tuple[tuple[Text, Rule], ...] = ()
    show: Rule | None = None


def _collapsed(label: str) -> str:
    return " ".join(re.split(r"[\s_\-]+", label.strip()))


def _misread(label: str) -> str:
    """Undo UTF-8 that was read as Latin-1, or as Windows has it."""
    for encoding in ("latin-1", "cp1252"):
        try:
            return label.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return label


def _latin(label: str) -> str:
    return label.encode("latin-1").decode("utf-8")


def _composed(label: str) -> str:
    return unicodedata.normalize("NFC", label)


def _compatible(label: str) -> str:
    return unicodedata.normalize("NFKC", label)


def _plain(label: str) -> str:
    """Take the accents off."""
    parts = unicodedata.normalize("NFKD", label)
    return "".join(c for c in parts if not unicodedata.combining(c))


def _number(label: str) -> str:
    """Give numbers in one form: 1.0, 01 and +1 are 1."""
    if not _NUMBER.fullmatch(label):
        return label
    value = Decimal(label).normalize()
    return f"{value + 0:f}"


def _truth(label: str) -> str:
    word = label.casefold()
    return "true" if word in _TRUE else "false" if word in _FALSE else label


def _loose(label: str) -> str:
    return _collapsed(_plain(label)).casefold()


# The least powerful first.
FORMS: tuple[Form, ...] = (
    Form(
        kinds=("whitespace",),
        of=str.strip,
        said="only blanks around them differ",
        texts=((Text(how="strip"), str.strip),),
    ),
    Form(
        kinds=("whitespace",),
        of=_collapsed,
        said="only blanks, hyphens and underscores differ",
    ),
    Form(
        kinds=("case",),
        of=str.casefold,
        said="only upper and lower case differ",
        texts=(
            (Text(how="upper"), str.upper),
            (Text(how="lower"), str.lower),
        ),
    ),
    Form(
        kinds=("unicode",),
        of=_composed,
        said="only how accents are encoded differs (NFC)",
        texts=((Text(how="NFC"), _composed),),
        show=ascii,
    ),
    Form(
        kinds=("unicode",),
        of=_compatible,
        said="only the form of characters differs (NFKC)",
        texts=((Text(how="NFKC"), _compatible),),
    ),
    Form(
        kinds=("unicode",),
        of=_misread,
        said="UTF-8 was read as Latin-1",
        texts=((Text(how="utf-8"), _latin),),
    ),
    Form(kinds=("unicode",), of=_plain, said="only the accents differ"),
    Form(
        kinds=("dtype",),
        of=_number,
        said="the same numbers as text, written in another way",
        texts=(
            (
                Text(how="removesuffix", text=".0"),
                lambda label: label.removesuffix(".0"),
            ),
            (Text(how="suffix", text=".0"), lambda label: f"{label}.0"),
        ),
    ),
    Form(
        kinds=("dtype",),
        of=_truth,
        said="true and false are written in another way",
    ),
    Form(
        kinds=("case", "whitespace"),
        of=lambda label: _collapsed(label).casefold(),
        said="only case and blanks differ",
    ),
    Form(
        kinds=("unicode", "case"),
        of=_loose,
        said="only case, blanks and accents differ",
    ),
)


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that new labels are known ones in another spelling.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each kind that the least powerful form which explains them speaks for.
    """
    labels = evidence.labels
    if labels is None:
        return
    tried: list[tuple[Form, Relabelling]] = []
    for form in FORMS:
        made = by_form(labels, form.of)
        if made is not None:
            tried.append((form, made))
            if made.explained >= 1 - AS_GOOD:
                break  # none explains more
    most = max((made.explained for _, made in tried), default=0.0)
    if most < LEAST_EXPLAINED:
        return
    form, made = next(t for t in tried if t[1].explained >= most - AS_GOOD)
    speaks = FOUND_BY * min(made.found, MOST_FOUND)
    for more, kind in enumerate(form.kinds):
        yield Candidate(
            kind=kind,
            score=agreement(made.labels) + OWN + more - speaks,
            detail=sentence(made, evidence.words[1], form.said, form.show),
            mend=mend(labels, made, form.texts),
        )
