"""Numbers as people read them: equal precision, real minus signs, units."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

MINUS = "\N{MINUS SIGN}"
ARROW = "\N{RIGHTWARDS ARROW}"
NOTHING = "\N{EN DASH}"
MICRO = "\N{MICRO SIGN}"


def places(*values: float | None, significant: int = 2, at_least: int = 3) -> int:
    """Find the number of decimals that shows the smallest of these well.

    Parameters
    ----------
    *values
        What must stay readable, such as a difference and the width of its interval;
        None, NaN, infinities and zero are passed over.
    significant
        How many digits of the smallest value are wanted.
    at_least
        Digits that the largest value keeps in all: 0.622 has 3, 588 has 3.

    Returns
    -------
    int
        0 to 8 decimals.
    """
    sizes = [
        abs(value)
        for value in values
        if value is not None and math.isfinite(value) and value != 0
    ]
    if not sizes:
        return at_least
    for_smallest = significant - 1 - math.floor(math.log10(min(sizes)))
    for_largest = at_least - 1 - math.floor(math.log10(max(sizes)))
    return max(0, min(8, max(for_largest, min(for_smallest, for_largest + 4))))


def nice_end(reach: float) -> float:
    """Round a reach up to 1, 2 or 5 times a power of ten, for a labelled tick.

    Parameters
    ----------
    reach
        What should nearly fit, at least 0.

    Returns
    -------
    float
        At least 0.0001; seven tenths of the reach or more; 1 for what is not finite.
    """
    if not math.isfinite(reach):
        return 1.0
    wanted = max(0.7 * reach, 1e-4)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(
        round(step * power, 9)
        for step in (1, 2, 5, 10)
        if step * power >= 0.999 * wanted
    )


def fixed(value: float | None, decimals: int) -> str:
    """Write a number with so many decimals, thousands separated: "1,234.50"."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else f"{MINUS}\N{INFINITY}"
    if abs(value) >= 1e15:
        return f"{value:.3g}".replace("-", MINUS)
    text = f"{value:,.{decimals}f}"
    if text.startswith("-") and not any(digit in text for digit in "123456789"):
        text = text[1:]  # minus zero is zero
    return text.replace("-", MINUS)


def signed(value: float | None, decimals: int) -> str:
    """Write a difference with its sign, zero without one: "+0.017"."""
    text = fixed(value, decimals)
    if (
        value is None
        or not value > 0
        or not any(digit in text for digit in "123456789∞")
    ):
        return text
    return f"+{text}"


def interval(bounds: tuple[float, float] | None, decimals: int) -> str:
    """Write an interval in words, so that signs stay readable: "0.001 to 0.008"."""
    if bounds is None:
        return ""
    return f"{fixed(bounds[0], decimals)} to {fixed(bounds[1], decimals)}"


def column(values: Sequence[float | None], *, significant: int = 3) -> list[str]:
    """Write the numbers of one column with the same precision.

    Parameters
    ----------
    values
        None and NaN are written as a dash.
    significant
        Digits wanted of the largest.

    Returns
    -------
    list of str
        One text per value, all with as many decimals.
    """
    finite = [v for v in values if v is not None and math.isfinite(v)]
    if all(v == int(v) for v in finite):
        decimals = 0
    else:
        decimals = places(max(map(abs, finite)), at_least=significant)
    return [fixed(value, decimals) for value in values]


def number(value: float | None, *, significant: int = 4) -> str:
    """Write one number of unknown size without needless digits: "36.48", "4,162"."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value) or value == 0:
        return fixed(value, 0)
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        return f"{value:.{significant - 1}e}".replace("-", MINUS)
    decimals = max(0, significant - 1 - math.floor(math.log10(size)))
    text = fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, *, decimals: int | None = None) -> str:
    """Write a share of 0 to 1 as a percentage: "4.0%", "99.6%", "<0.1%".

    Parameters
    ----------
    share
        0 to 1; None and NaN are written as a dash.
    decimals
        As many decimals; None: one below 10% and above 90%, else none.

    Returns
    -------
    str
        The percentage; never "0%" for more than nothing nor "100%" for less than all.
    """
    if share is None or math.isnan(share):
        return NOTHING
    hundred = 100 * share
    if decimals is None:
        decimals = 0 if 10 <= hundred <= 90 or share in (0, 1) else 1
    least = 10.0**-decimals
    if 0 < hundred < least / 2:
        return f"<{fixed(least, decimals)}%"
    if 0 < 100 - hundred < least / 2:
        return f">{fixed(100 - least, decimals)}%"
    return f"{fixed(hundred, decimals)}%"


def p_value(p: float | None) -> str:
    """Write a p-value: "p < 0.001", "p = 0.012", "p = 0.3"."""
    if p is None or math.isnan(p):
        return ""
    if p < 0.001:
        return "p < 0.001"
    digits = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return f"p = {digits}"


def count(value: float | None) -> str:
    """Write a count with thousands separated: "12,488"."""
    return fixed(value, 0)


def amount(value: float, noun: str, plural: str = "") -> str:
    """Count things: "1 row", "12,488 rows"; `plural` where it is not noun + "s"."""
    return f"{count(value)} {noun if value == 1 else plural or f'{noun}s'}"


def size(octets: float | None) -> str:
    """Write a number of bytes: "6.9 KB", "282 KB", powers of 1,000."""
    if octets is None or math.isnan(octets):
        return NOTHING
    if octets < 999.5:
        return f"{count(octets)} B"
    for unit in ("KB", "MB", "GB"):
        octets /= 1000
        if octets < 999.5:
            return f"{_short(octets)} {unit}"
    return f"{_short(octets / 1000)} TB"


def duration(seconds: float | None) -> str:
    """Write a time span: "5.2 ms", "3.4 s", "12 min", "5 h", "3 d"."""
    if seconds is None or math.isnan(seconds):
        return NOTHING
    for unit, length in ((f"{MICRO}s", 1e-6), ("ms", 1e-3), ("s", 1.0)):
        if seconds < (999.5 * length if unit != "s" else 99.5):
            return f"{_short(seconds / length)} {unit}"
    for unit, length, most in (("min", 60.0, 99.5), ("h", 3600.0, 47.5)):
        if seconds / length < most:
            return f"{count(seconds / length)} {unit}"
    return f"{count(seconds / 86400)} d"


def age(then: datetime, now: datetime) -> str:
    """Say how long ago something was: "just now", "12 min ago", "3 d ago"."""
    seconds = (_aware(now) - _aware(then)).total_seconds()
    if seconds < 0:
        return f"in {duration(-seconds)}"
    return "just now" if seconds < 45 else f"{duration(seconds)} ago"


def moment(when: datetime | str) -> str:
    """Write a point in time for people, in UTC to the minute: "24 Nov 2026, 09:12".

    Parameters
    ----------
    when
        A datetime (naive: UTC) or an ISO text; a text that is no time stays as it is.

    Returns
    -------
    str
        Day, month by name, year, and the time where the value has one.
    """
    if isinstance(when, str):
        try:
            parsed = datetime.fromisoformat(when)
        except ValueError:
            return when
        if len(when) <= 10:
            return f"{parsed.day} {parsed:%b %Y}"
        when = parsed
    when = _aware(when)
    return f"{when.day} {when:%b %Y, %H:%M}"


def _aware(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _short(value: float) -> str:
    return fixed(value, 1) if value < 9.95 else count(value)
