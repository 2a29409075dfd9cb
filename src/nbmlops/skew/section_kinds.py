"""All the kinds of sections, for reading stored reports."""

from collections.abc import Mapping
from typing import Any

from nbmlops.skew.feedback.section import Feedback
from nbmlops.skew.joint.section import Joint
from nbmlops.skew.parity.result import Parity
from nbmlops.skew.performance import Performance
from nbmlops.skew.predictions import Predictions
from nbmlops.skew.sections import Section
from nbmlops.skew.slices import Slices
from nbmlops.skew.windows.section import Windows

KINDS: dict[str, type[Section]] = {
    kind.key: kind
    for kind in (Feedback, Joint, Parity, Performance, Predictions, Slices, Windows)
}


def read_sections(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Section]:
    """Build the sections of a stored report."""
    return {key: KINDS[key].from_dict(section) for key, section in data.items()}
