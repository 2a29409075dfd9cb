"""Proofs that a version loads: events that say with which scikit-learn it did."""

import json

from nbmlops.registry.unit import Unit

VERB = "verify-load"

_NEWEST = """
select detail
from event
where verb = $verb and subject = $subject
order by seq desc
"""


def is_proven(unit: Unit, ref: str, digest: str, scikit_learn: str) -> bool:
    """Tell whether the newest proof with a version of scikit-learn was a good one.

    Parameters
    ----------
    unit
        The open transaction.
    ref, digest
        Which version, and its bytes.
    scikit_learn
        The version that is installed.

    Returns
    -------
    bool
        False if there was none.
    """
    for (text,) in unit.rows(_NEWEST, verb=VERB, subject=ref):
        detail = json.loads(text)
        if (detail["digest"], detail["here"]) == (digest, scikit_learn):
            return bool(detail["ok"])
    return False
