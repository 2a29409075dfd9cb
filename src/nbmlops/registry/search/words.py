"""The words of a text, as full-text search knows them: runs of letters and digits."""

import re

_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"[^\W_]+\*?")


def words_of(*texts: str) -> str:
    """Write each different word of some texts once, in order, between blanks."""
    found = {word for text in texts for word in _WORD.findall(text.casefold())}
    return " ".join(["", *sorted(found), ""]) if found else ""


def asked_words(text: str) -> list[str]:
    """Give what must occur in `words_of`: a whole word, or `night*` its beginning.

    Parameters
    ----------
    text
        As in a query.

    Returns
    -------
    list of str
        Each word once, with the blanks at its ends.
    """
    found = dict.fromkeys(_ASKED.findall(text.casefold()))
    return [f" {word[:-1]}" if word.endswith("*") else f" {word} " for word in found]
