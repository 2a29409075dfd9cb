"""Which class each character belongs to, as tables that whole columns are looked up in.

Scripts go by Unicode blocks (Unicode 15.1, Blocks.txt), everything else by the general
category of `unicodedata`.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PLANES = 0x20000  # characters from here on are ideographs
SCRIPTS = (
    "latin",
    "cyrillic",
    "greek",
    "arabic",
    "hebrew",
    "indic",
    "thai",
    "han",
    "kana",
    "hangul",
    "other",
)
BLANK, DIGIT, PUNCTUATION, SYMBOL, EMOJI, BROKEN, MARK = range(7)
FIRST_SCRIPT = 7
CLASSES = FIRST_SCRIPT + len(SCRIPTS)
WITHOUT_BLANKS = ("thai", "han", "kana")  # each character counts as a word
REPLACEMENT = 0xFFFD  # what a decoder writes for bytes that it cannot read
_BLOCKS = (
    ("latin", 0x0041, 0x024F),
    ("latin", 0x1E00, 0x1EFF),
    ("latin", 0xFB00, 0xFB06),
    ("latin", 0xFF21, 0xFF5A),
    ("greek", 0x0370, 0x03FF),
    ("greek", 0x1F00, 0x1FFF),
    ("cyrillic", 0x0400, 0x052F),
    ("cyrillic", 0x1C80, 0x1C8F),
    ("cyrillic", 0x2DE0, 0x2DFF),
    ("cyrillic", 0xA640, 0xA69F),
    ("hebrew", 0x0590, 0x05FF),
    ("arabic", 0x0600, 0x06FF),
    ("arabic", 0x0750, 0x077F),
    ("arabic", 0x08A0, 0x08FF),
    ("arabic", 0xFB50, 0xFDFF),
    ("arabic", 0xFE70, 0xFEFE),
    ("indic", 0x0900, 0x0DFF),
    ("thai", 0x0E00, 0x0EFF),
    ("hangul", 0x1100, 0x11FF),
    ("kana", 0x3040, 0x30FF),
    ("hangul", 0x3130, 0x318F),
    ("kana", 0x31F0, 0x31FF),
    ("han", 0x3400, 0x4DBF),
    ("han", 0x4E00, 0x9FFF),
    ("hangul", 0xAC00, 0xD7AF),
    ("han", 0xF900, 0xFAFF),
    ("kana", 0xFF66, 0xFF9F),
)
_EMOJI = ((0x1F000, 0x1FAFF), (0x2600, 0x27BF))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Tables by code point, shape (131072,).

    Attributes
    ----------
    classes
        The class of each character: one of the constants, or a script.
    lower
        Its lower case, where that is one character.
    """

    classes: NDArray[np.uint8]
    lower: NDArray[np.uint32]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Build the tables, once."""
    scripts = np.full(PLANES, FIRST_SCRIPT + SCRIPTS.index("other"), dtype=np.uint8)
    for name, first, last in _BLOCKS:
        scripts[first : last + 1] = FIRST_SCRIPT + SCRIPTS.index(name)
    by_category = {"N": DIGIT, "P": PUNCTUATION, "S": SYMBOL, "Z": BLANK, "C": BLANK}
    general = np.full(PLANES, MARK, dtype=np.uint8)
    is_letter = np.zeros(PLANES, dtype=bool)
    lower = np.arange(PLANES, dtype=np.uint32)
    for code in range(PLANES):
        category = unicodedata.category(chr(code))[0]
        if category == "L":
            is_letter[code] = True
            small = chr(code).lower()
            if len(small) == 1:
                lower[code] = ord(small)
        elif category != "M":
            general[code] = by_category[category]
    classes = np.where(is_letter, scripts, general)
    for first, last in _EMOJI:
        block = classes[first : last + 1]
        block[block == SYMBOL] = EMOJI
        block[block == BLANK] = EMOJI  # newer than this Python's Unicode
    classes[REPLACEMENT] = BROKEN
    return Tables(classes=classes, lower=lower)
