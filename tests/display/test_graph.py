"""A graph is drawn without text of its own, whatever its labels hold."""

from nbmlops.display.graph import Box, Link, graph

HOSTILE = '"><script>alert(1)</script>'


def boxes(*places: tuple[int, float]) -> list[Box]:
    return [
        Box(column=column, y=y, label=HOSTILE, note="n", look="data")
        for column, y in places
    ]


def test_labels_are_escaped_and_no_text() -> None:
    html = graph(["A"], boxes((0, 20.0)), [], label=HOSTILE)
    assert "<script" not in html
    assert ">n<" not in html


def test_links_lead_onward_and_back() -> None:
    drawn = boxes((0, 20.0), (1, 70.0))
    onward = graph(["A", "B"], drawn, [Link(source=0, target=1)], label="x")
    back = graph(
        ["A", "B"], drawn, [Link(source=1, target=0, is_dashed=True)], label="x"
    )
    assert "nbmlops-wire" in onward
    assert "nbmlops-dash" in back
    assert onward.count("<path") == back.count("<path") == 2


def test_what_was_asked_about_is_marked() -> None:
    box = Box(column=0, y=20.0, label="a", note="b", look="version", is_start=True)
    assert "nbmlops-start" in graph(["A"], [box], [], label="x")
