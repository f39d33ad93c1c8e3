"""The story set in type for a terminal and for a notebook."""

from __future__ import annotations

import html
import io
import sys
from typing import TYPE_CHECKING, Literal

from sibmodel.report.story import Section, Table, story
from sibmodel.running.results import Result

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 110
"""Columns where nobody is watching; a terminal has its own width."""


def console() -> Console:
    """Standard output, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH)


def print_result(result: Result, console: Console) -> None:
    """Print the story of a result."""
    for section in story(result):
        _print_section(section, console)


def as_text(result: Result, width: int = WIDTH) -> str:
    """The story as plain text."""
    from rich.console import Console

    out = io.StringIO()
    print_result(result, Console(file=out, width=width, no_color=True, highlight=False))
    return out.getvalue()


def _print_section(section: Section, console: Console) -> None:
    console.print()
    console.print(section.title.upper(), style="bold", markup=False)
    for sentence in section.sentences:
        console.print(sentence, markup=False, highlight=False)
    for table in section.tables:
        print_table(table, console)


def print_table(table: Table, console: Console) -> None:
    """A table with figures aligned to the right."""
    from rich.box import SIMPLE
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable(box=SIMPLE, pad_edge=False)
    for index, heading in enumerate(table.headings):
        # words may fold, figures may not
        widest = max((len(row[index]) for row in table.rows), default=0) if index else None
        side: Literal["left", "right"] = "left" if index == 0 else "right"
        grid.add_column(Text(heading), justify=side, overflow="fold", min_width=widest)
    for row in table.rows:
        grid.add_row(*map(Text, row))
    console.print(grid)
    if table.note:
        console.print(table.note, markup=False, highlight=False, style="dim")


def as_html(result: Result) -> str:
    """The story as a fragment of HTML for a notebook."""
    return "".join(map(_section_html, story(result)))


def _section_html(section: Section) -> str:
    sentences = "".join(f"<p>{html.escape(s)}</p>" for s in section.sentences)
    return f"<h4>{html.escape(section.title)}</h4>{sentences}{''.join(map(_table_html, section.tables))}"


def _table_html(table: Table) -> str:
    def cells(tag: str, texts: tuple[str, ...]) -> str:
        words = f'<{tag} style="text-align:left">{html.escape(texts[0])}</{tag}>'
        figures = "".join(f'<{tag} style="text-align:right">{html.escape(text)}</{tag}>' for text in texts[1:])
        return f"<tr>{words}{figures}</tr>"

    rows = "".join(cells("td", row) for row in table.rows)
    note = f"<p><small>{html.escape(table.note)}</small></p>" if table.note else ""
    return f"<table><thead>{cells('th', table.headings)}</thead><tbody>{rows}</tbody></table>{note}"
