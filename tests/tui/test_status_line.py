"""The status line: the document that a ghost quotes is named, as text and only where there is room."""

from tui.widgets.status_line import Status, fitted


def test_names_the_document_that_is_quoted() -> None:
    status = Status(model="mine", milliseconds=6.0, source="/home/ana/notes/harbour.md")
    assert "ghost 6 ms · quoting notes/harbour.md · " in fitted(status, 100).plain
    assert "quoting" not in fitted(Status(model="mine", milliseconds=6.0), 100).plain


def test_a_name_is_neither_markup_nor_control() -> None:
    status = Status(model="mine", milliseconds=6.0, source="/x/[red]a\x1b[31m\n.md")
    plain = fitted(status, 100).plain
    assert "[red]a" in plain
    assert plain.isprintable()


def test_it_goes_where_there_is_no_room() -> None:
    status = Status(model="mine", milliseconds=6.0, source="/home/ana/notes/harbour.md")
    assert fitted(status, 20).plain == "saved"
