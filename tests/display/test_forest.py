from nbmlops.display.document import Grid, Mark
from nbmlops.display.forest import forest_table
from tests.display.hostile import Elements, assert_harmless


def grid(count: int, *, line: float | None = None) -> Grid:
    marks = tuple(
        Mark(
            value=0.1 * at,
            interval=(0.1 * at - 0.05, 0.1 * at + 0.05),
            figure=f"+0.{at}",
            bounds="95%",
            word="worse",
            status="worse",
        )
        for at in range(count)
    )
    return Grid(
        headers=("Group", "Rows"),
        rows=tuple((f"<group {at}>", "1,000") for at in range(count)),
        numeric=(1,),
        marks=marks,
        mark_header="rise",
        line=line,
    )


def test_every_row_is_drawn_and_said() -> None:
    page = forest_table(grid(3))
    assert page.count("<svg") == 3
    words = Elements(page).words
    for part in ("<group 2>", "1,000", "+0.2", "(95%)", "worse", "rise"):
        assert part in words
    assert_harmless(page)


def test_a_line_marks_the_margin_in_every_row() -> None:
    assert forest_table(grid(3, line=0.1)).count("nbmlops-dash") == 3
    assert "nbmlops-dash" not in forest_table(grid(3))


def test_rows_without_room_are_counted() -> None:
    page = forest_table(grid(30), room=3_000)
    shown = page.count("<svg")
    assert 0 < shown < 30
    assert f"and {30 - shown} more" in page
    assert len(page.encode()) < 4_500
