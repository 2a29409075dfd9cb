"""Names and labels that would break out of HTML, were they not escaped."""

from html.parser import HTMLParser

from hypothesis import strategies as st

from nbmlops.display.markup import VOID_TAGS

FRAGMENTS = (
    "<script>alert(1)</script>",
    "</style><script>",
    "</td></table>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onclick='",
    "&lt;b&gt;",
    "&",
    "<!--",
    "]]>",
    "javascript:alert(1)",
    "</svg><iframe>",
    "\x1b[31m",
    "\u202egnp.exe",
    "\ud800",
    "\0",
    "a\nb\tc",
    "漢字 é 🙂",
)
DOORS = FRAGMENTS[:15]


def hostile_texts() -> st.SearchStrategy[str]:
    """One to four fragments in a row: plain `st.text()` almost never makes a tag."""
    return st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("".join)


class Elements(HTMLParser):
    """The elements and attributes that a browser would make of a text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.comments: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def words(self) -> str:
        return "".join(self.text)


FORBIDDEN = frozenset({"script", "iframe", "img", "link", "object", "embed", "form"})


def assert_harmless(markup: str) -> Elements:
    """Nothing in it runs, loads, escapes its place or carries an id."""
    found = Elements(markup)
    assert not FORBIDDEN.intersection(found.tags)
    assert not found.unbalanced
    assert not found.open
    assert not found.comments
    names = {name for name, _ in found.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not names & {"id", "src", "srcdoc"}
    links = [value for name, value in found.attributes if name == "href"]
    assert all(value and value.startswith(("http", "mailto:")) for value in links)
    markup.encode("utf-8")
    return found


def visible(markup: str) -> str:
    """The words, without the stylesheet."""
    return Elements(markup).words.split("}")[-1]
