"""A lineage in words: what it comes to, and a tree for terminals."""

from collections import Counter
from collections.abc import Iterable, Sequence

from nbmlops.display import numbers
from nbmlops.display.text import clean, counted
from nbmlops.registry.lineage.values import Kind, Lineage, Node

SHOWN = 4
MOST_LINES = 120
SIGNS: tuple[Kind, ...] = (
    "evaluation",
    "check",
    "baseline",
    "promotion",
    "deployment",
)


def headline(lineage: Lineage) -> str:
    """Say in a sentence where something came from, and what came of it."""
    starts = [lineage.by_key[key] for key in lineage.starts]
    if all(node.kind == "dataset" for node in starts):
        return _of_data(lineage)
    refs = [node.ref for node in starts]
    data = dict.fromkeys(
        d.label for ref in refs for d in lineage.causes(f"run:{ref}", "dataset")
    )
    below = lineage.downstream()
    later = [n for n in below if n.kind == "version" and n.ref not in refs]
    live = [n.label for n in below if n.kind == "deployment" and n.ref in refs]
    parts = [f"Trained on {some(list(data))}" if data else "Training data not kept"]
    if later:
        parts.append(f"{numbers.amount(len(later), 'version')} made from it")
    parts.append(f"now {some(live)}" if live else "no alias points to it now")
    return "; ".join(parts)


def _of_data(lineage: Lineage) -> str:
    near = {n.key: n for key in lineage.starts for n in lineage.effects(key)}
    made = [node.ref for node in near.values() if node.kind == "run"]
    judged = Counter(n.kind for n in near.values() if n.kind != "run")
    below = lineage.downstream(*(f"version:{ref}" for ref in made)) if made else ()
    live = [n.label for n in below if n.kind == "deployment" and n.ref in made]
    parts = [f"Trained {some(made)}" if made else "No version was trained on it"]
    if judged:
        kinds = [numbers.amount(count, kind) for kind, count in judged.items()]
        parts.append(f"{counted(kinds)} made on it")
    if live:
        parts.append(f"now {some(live)}")
    return "; ".join(parts)


def some(names: Sequence[str]) -> str:
    """Say the first few names, and how many more there are."""
    rest = len(names) - SHOWN
    return counted([*names[:SHOWN], *([f"{rest:,} more"] if rest > 0 else [])])


def lineage_text(lineage: Lineage) -> str:
    """Draw a lineage as a tree: data, the versions trained on them, what became."""
    lines = [f"{clean(lineage.subject)}: {headline(lineage)}"]
    seen: set[str] = set()
    for node in lineage.of_kind("dataset"):
        refs = [run.ref for run in lineage.effects(node.key, "run")]
        if refs or node.key in lineage.starts:
            lines += ["", clean(f"{node.label}  {node.note}")]
            lines += _tree(lineage, refs, seen)
    left = [n.ref for n in lineage.of_kind("version") if n.ref not in seen]
    if left:
        lines += ["", "(data not kept)", *_tree(lineage, left, seen)]
    rest = len(lines) - MOST_LINES
    return "\n".join(
        [*lines[:MOST_LINES], *([f"and {rest:,} more"] if rest > 0 else [])]
    )


def _tree(lineage: Lineage, refs: Sequence[str], seen: set[str]) -> Iterable[str]:
    for at, ref in enumerate(refs):
        branch, trunk = ("└─ ", "   ") if at == len(refs) - 1 else ("├─ ", "│  ")
        if ref in seen:
            yield f"{branch}{clean(ref)} (as above)"
            continue
        seen.add(ref)
        yield branch + clean(f"{ref}  {_made(lineage, ref)}")
        signs = lineage.of_version(ref, *SIGNS)
        for index, sign in enumerate(signs):
            twig = "└─ " if index == len(signs) - 1 else "├─ "
            yield f"{trunk}{twig}{_sign(lineage, sign)}"


def _made(lineage: Lineage, ref: str) -> str:
    run = lineage.by_key[f"run:{ref}"]
    parents = [n.ref for n in lineage.causes(run.key, "version")]
    parts = [lineage.by_key[f"version:{ref}"].note, f"made in {run_words(run)}"]
    return ", ".join([*parts, *(f"from {parent}" for parent in parents)])


def run_words(run: Node) -> str:
    """Say in which cell or script, and at which commit: "train.py (line 4, 1a2b3c)"."""
    return f"{run.label} ({run.note})" if run.note else run.label


def _sign(lineage: Lineage, node: Node) -> str:
    """Say of one thing that became of a version what it is, and on which data."""
    word = f"{node.kind} " if node.kind in ("evaluation", "check") else ""
    data = [cause.label for cause in lineage.causes(node.key, "dataset")]
    on = f" on {some(data)}" if data else ""
    return clean(f"{word}{node.label}{on}: {node.note}")
