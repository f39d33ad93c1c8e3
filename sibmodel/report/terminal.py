"""Sections set in type for a terminal and for a notebook."""

from __future__ import annotations

import html
import io
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from sibmodel.report.section import Section, Table

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 110
"""Columns where nobody is watching and COLUMNS says nothing; a terminal has its own width."""

LONGEST_WORD = 24
"""Columns of words, and headings, fold down to this before a table is split."""

BETWEEN, EDGES = 3, 2
"""Blanks between two columns, and at both edges together."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _width_of_a_file())


def _width_of_a_file() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else WIDTH


def print_sections(sections: Sequence[Section], console: Console) -> None:
    """Print sections one after the other; the first is the title of all."""
    opening, *others = sections
    _print_section(opening, opening.title, console)
    for section in others:
        _print_section(section, section.title.upper(), console)


def as_text(sections: Sequence[Section], width: int = WIDTH) -> str:
    """Sections as plain text."""
    from rich.console import Console

    out = io.StringIO()
    print_sections(sections, Console(file=out, width=width, no_color=True, highlight=False))
    return out.getvalue()


def _print_section(section: Section, title: str, console: Console) -> None:
    console.print()
    console.print(title, style="bold", markup=False, highlight=False)
    for sentence in section.sentences:
        console.print(sentence, markup=False, highlight=False)
    for table in section.tables:
        print_table(table, console)


def print_table(table: Table, console: Console) -> None:
    """A table with figures aligned to the right, nothing left out.

    One too wide has standard errors below their figures; if that is not enough, it goes in blocks below each other.
    """
    parts = list(blocks(table, console.width))
    if len(parts) > 1:
        table = _errors_below(table)
        parts = list(blocks(table, console.width))
    for columns, widths in parts:
        _print_block(table, columns, widths, console)
    if table.note:
        console.print(table.note, markup=False, highlight=False, style="dim")


def _errors_below(table: Table) -> Table:
    def cell(index: int, text: str) -> str:
        return text if table.is_words(index) else text.replace(" ± ", "\n± ")

    return replace(table, rows=[tuple(cell(index, text) for index, text in enumerate(row)) for row in table.rows])


def blocks(table: Table, width: int) -> Iterator[tuple[list[int], list[int]]]:
    """The columns that stand beside each other, and their widths; each block begins with the columns of words."""
    natural = [_natural(column) for column in _columns(table)]
    least = [_least(column, table.is_words(index)) for index, column in enumerate(_columns(table))]
    words, figures = list(range(table.words)), list(range(table.words, len(natural)))
    for some in _parts(words, figures, least, width):
        yield words + some, _widened(words + some, least, natural, width)


def _parts(words: list[int], figures: list[int], least: Sequence[int], width: int) -> list[list[int]]:
    """Figures in as few parts as fit beside the words, as even as they fit."""
    parts: list[list[int]] = [[]]
    for i in figures:
        if parts[-1] and _together([*words, *parts[-1], i], least) > width:
            parts.append([])
        parts[-1].append(i)
    size = -(-len(figures) // len(parts)) or 1
    even = [figures[at : at + size] for at in range(0, len(figures), size)]
    return even if even and all(_together(words + part, least) <= width for part in even) else parts


def _columns(table: Table) -> list[tuple[str, ...]]:
    """Each column's heading and cells."""
    return list(zip(table.headings, *table.rows, strict=True))


def _natural(column: Sequence[str]) -> int:
    """Width without folding anything."""
    from rich.cells import cell_len

    return max(cell_len(line) for text in column for line in text.split("\n"))


def _least(column: Sequence[str], words: bool) -> int:
    """Width with its heading folded; words fold too, figures never."""
    heading, *cells = column
    folding = [heading, *cells] if words else [heading]
    whole = [] if words else cells
    longest = _natural(["", *(word for text in folding for word in text.split())])
    if words:
        longest = max(longest, min(_natural(column), LONGEST_WORD))
    return _natural([*whole, " " * min(longest, LONGEST_WORD)])


def _together(columns: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[i] for i in columns) + BETWEEN * (len(columns) - 1) + EDGES


def _widened(columns: Sequence[int], least: Sequence[int], natural: Sequence[int], width: int) -> list[int]:
    """Least widths, with the room that is left given to what would otherwise fold, from the right."""
    room = max(width - _together(columns, least), 0)
    widths = []
    for i in reversed(columns):
        more = min(max(natural[i] - least[i], 0), room)
        room -= more
        widths.append(least[i] + more)
    return widths[::-1]


def _print_block(table: Table, columns: Sequence[int], widths: Sequence[int], console: Console) -> None:
    from rich.box import SIMPLE
    from rich.segment import SegmentLines
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable(box=SIMPLE, pad_edge=False)
    for i, width in zip(columns, widths, strict=True):
        side = _side(table, i)
        grid.add_column(Text(table.headings[i]), justify=side, overflow="fold", width=width)
    for row in table.rows:
        grid.add_row(*(Text(row[i]) for i in columns))
    # a console narrower than one figure beside its words must not cut it
    wide = console.options.update(width=max(console.width, sum(widths) + BETWEEN * (len(widths) - 1) + EDGES))
    console.print(SegmentLines(console.render_lines(grid, wide, pad=False), new_lines=True), crop=False)


def _side(table: Table, column: int) -> Literal["left", "right"]:
    """Where a column is aligned: figures to the right."""
    return "left" if table.is_words(column) or table.is_drawn(column) else "right"


def as_html(sections: Sequence[Section]) -> str:
    """Sections as a fragment of HTML for a notebook."""
    return "".join(map(_section_html, sections))


def _section_html(section: Section) -> str:
    sentences = "".join(f"<p>{html.escape(s)}</p>" for s in section.sentences)
    return f"<h4>{html.escape(section.title)}</h4>{sentences}{''.join(map(_table_html, section.tables))}"


def _table_html(table: Table) -> str:
    def cell(tag: str, index: int, text: str) -> str:
        blanks = ";white-space:pre;font-family:monospace" if table.is_drawn(index) else ""
        return f'<{tag} style="text-align:{_side(table, index)}{blanks}">{html.escape(text)}</{tag}>'

    def line(tag: str, texts: tuple[str, ...]) -> str:
        return f"<tr>{''.join(cell(tag, index, text) for index, text in enumerate(texts))}</tr>"

    rows = "".join(line("td", row) for row in table.rows)
    note = f"<p><small>{html.escape(table.note)}</small></p>" if table.note else ""
    return f"<table><thead>{line('th', table.headings)}</thead><tbody>{rows}</tbody></table>{note}"
