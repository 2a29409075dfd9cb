"""What a scanner finds in a pickle: it can reject one, and never approves one.

Every scanner has been got round now and then, so nothing found is no reason to trust.
picklescan reads a pickle's instructions without running them.
"""

import io
import logging
from dataclasses import dataclass
from importlib.util import find_spec

NO_SCANNER = "not scanned (pip install 'nbmlops[scan]' adds a scanner of pickles)"
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a scan found.

    Attributes
    ----------
    dangerous
        Functions that run commands, code or the like, which no model needs.
    notes
        Everything else worth showing, in words.
    """

    dangerous: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it as sentences."""
        found = (f"calls {name}" for name in self.dangerous)
        return (*found, *self.notes)


def advice(ref: str, did: str, findings: Findings) -> str:
    """Say what was found in a pickle that runs on the caller's word, and what to do.

    Parameters
    ----------
    ref
        The version.
    did
        "loaded".
    findings
        At least one.

    Returns
    -------
    str
        Two lines.
    """
    return (
        f"{ref} is a pickle, {did} on your word: {'; '.join(findings.lines)}\n"
        "If there is a name that you do not expect in a model, or you do not know who "
        "made it: do not use it, restart the kernel, ask for it in the skops format"
    )


def scan(data: bytes, flavor: str) -> Findings:
    """Look into an artifact without loading it.

    Parameters
    ----------
    data
        The bytes.
    flavor
        Their format; only pickles are looked into.

    Returns
    -------
    Findings
        Empty for the formats that run no code.
    """
    if flavor != "joblib":
        return Findings()
    if find_spec("picklescan") is None:
        return Findings(notes=(NO_SCANNER,))
    from picklescan.scanner import SafetyLevel, scan_pickle_bytes

    # It logs what the findings below say.
    logging.getLogger("picklescan").setLevel(logging.CRITICAL)
    result = scan_pickle_bytes(io.BytesIO(data), "artifact")
    by_level: dict[SafetyLevel, set[str]] = {level: set() for level in SafetyLevel}
    for found in result.globals:
        by_level[found.safety].add(f"{found.module}.{found.name}")
    notes = []
    unknown = sorted(by_level[SafetyLevel.Suspicious])
    if unknown:
        rest = len(unknown) - _MOST_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        notes.append(f"makes {', '.join(unknown[:_MOST_NAMED])}{more}")
    if result.scan_err:
        notes.append("could not be read to its end: what follows was not scanned")
    return Findings(
        dangerous=tuple(sorted(by_level[SafetyLevel.Dangerous])), notes=tuple(notes)
    )
