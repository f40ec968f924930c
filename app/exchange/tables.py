"""Find the table in a sheet: past its titles, under its headings, without its totals and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.exchange import refusals
from app.exchange.errors import NoTableFound
from app.exchange.headings import Heading
from app.exchange.reading import Cell, Grid, Span, Workbook, text_of
from app.exchange.vocabulary import Vocabulary, plain, vocabulary

SEARCHED_ROWS = 30
MOST_HEADING_ROWS = 4
LONGEST_HEADING = 40
SAME_AS_ABOVE = frozenset({"同上", "〃", "″", '"', "''", "“", "”", "同上行", "同前", "々", "同 上"})
TOTAL = re.compile(r"^(合计|小计|总计|共计|累计|本页合计|本组合计|总数)")
FOOTER = re.compile(
    r"^(制表|填表|填报|审核|复核|经办|单位负责人|负责人|分管领导|村主任|联系人[:：]|填报日期|日期[:：]|备注[:：]|说明[:：]|注[:：]|附注|填表说明)"
)
NUMBERED_GROUP = re.compile(r"第?[一二三四五六七八九十百零〇\d]{1,4}(?:村民)?小?组$")
NAMED_GROUP = re.compile(r"(?:^|村)([^\d\s村]{1,8}(?:村民小组|小组|组|社|寨|屯))$")
TITLE_WORDS = ("表", "台账", "名单", "名册", "花名册", "登记", "统计", "汇总", "情况")


@dataclass(frozen=True, slots=True)
class Row:
    """One person's row: its number as the spreadsheet program shows it, its cells by column."""

    number: int
    cells: tuple[Cell, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row that is not a person, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """What was found in a sheet. ``group`` is the village group that the sheet's name says."""

    sheet: str
    headings: tuple[Heading, ...]
    heading_rows: tuple[int, int]
    rows: tuple[Row, ...]
    dropped: tuple[Dropped, ...] = ()
    group: str = ""


def find_tables(workbook: Workbook) -> tuple[Table, ...]:
    """The table of every sheet that has one; NoTableFound when none has."""
    tables = tuple(table for sheet in workbook.sheets if (table := find_table(sheet)) is not None)
    if not tables:
        raise NoTableFound(
            f"{refusals.UNCHANGED}没有在这个文件里找到表头（例如「姓名」「身份证号」那一行）。",
            advice="请检查是不是选错了文件；如果表头写法特别，请在第一行写上「姓名」「性别」等再导入。",
        )
    return tables


def find_table(grid: Grid) -> Table | None:
    """The table of one sheet, or None when it has no headings."""
    words = vocabulary()
    block = find_headings(grid, words)
    if block is None:
        return None
    headings = tuple(read_headings(grid, *block))
    body = _Body(grid, headings, block[1] + 1, words)
    rows = tuple(body.rows())
    return Table(grid.name, headings, block, rows, tuple(body.dropped), group_of(grid.name))


def group_of(name: str) -> str:
    """The village group that a sheet or a line between rows names: "三组" and "大坪村三组" are 三组."""
    text = "".join(name.split())
    if found := NUMBERED_GROUP.search(text):
        return found.group() if len(text) <= 20 else ""
    return found.group(1) if (found := NAMED_GROUP.search(text)) else ""


# The headings


def find_headings(grid: Grid, words: Vocabulary) -> tuple[int, int] | None:
    """First and last row of the headings, counted from 0."""
    scores = [_score(row, words) for row in grid.rows[:SEARCHED_ROWS]]
    best = max(range(len(scores)), key=lambda place: (scores[place], -place), default=None)
    if best is None or scores[best] < 2:
        return None
    first = last = best
    while first > 0 and best - first < MOST_HEADING_ROWS and _groups_columns(grid, first - 1, words):
        first -= 1
    while last - first < MOST_HEADING_ROWS and last + 1 < len(grid.rows) and _divides(grid, last, words):
        last += 1
    return first, last


def _score(row: Sequence[Cell], words: Vocabulary) -> int:
    texts = {text for cell in row if (text := _heading_text(cell))}
    known = sum(words.knows(text) for text in texts)
    return known if known * 2 >= sum(cell is not None for cell in row) - 4 else known // 2


def _heading_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) and len(cell) <= LONGEST_HEADING else ""


def _groups_columns(grid: Grid, place: int, words: Vocabulary) -> bool:
    """Whether the row above the headings says whose columns they are, rather than what the table is called."""
    texts = [cell for cell in grid.rows[place] if cell is not None]
    named = [text for text in texts if isinstance(text, str) and words.knows(text)]
    if len(texts) < 2:
        return bool(named) and not _is_title(grid, place)
    return bool(named) and 2 * len(named) >= len(texts)


def _is_title(grid: Grid, place: int) -> bool:
    text = next((cell for cell in grid.rows[place] if cell is not None), "")
    wide = any(s.top <= place <= s.bottom and s.right - s.left + 1 >= len(grid.rows[place]) for s in grid.merged)
    return wide or (isinstance(text, str) and text.endswith(TITLE_WORDS))


def _divides(grid: Grid, place: int, words: Vocabulary) -> bool:
    """Whether the row below is still headings: it names parts of what stands above, and holds no person."""
    below = grid.rows[place + 1]
    texts = [cell for cell in below if cell is not None]
    if not texts or not all(isinstance(cell, str) and len(cell) <= LONGEST_HEADING for cell in texts):
        return False
    known = [text for text in texts if isinstance(text, str) and words.knows(text)]
    if 2 * len(known) < len(texts):
        return False
    repeated = sum(text in grid.rows[place] for text in texts)
    return 2 * repeated <= len(texts)


def read_headings(grid: Grid, first: int, last: int) -> Iterator[Heading]:
    """The heading of each column from the top row down."""
    lines = [_spread(grid, place, first, last) for place in range(first, last + 1)]
    for column in range(max(len(line) for line in lines)):
        texts: list[str] = []
        for line in lines:
            text = line[column] if column < len(line) else ""
            if text and text not in texts:
                texts.append(text)
        yield Heading(column, tuple(texts))


def _spread(grid: Grid, place: int, first: int, last: int) -> list[str]:
    """A row of headings with merged ones written into each column that they stand over."""
    line = [text_of(cell) for cell in grid.rows[place]]
    merged = [span for span in grid.merged if span.top <= place <= span.bottom]
    for span in merged:
        if span.top >= first:
            text = text_of(_at(grid, span.top, span.left))
            line[span.left : span.right + 1] = [text] * (min(span.right, len(line) - 1) - span.left + 1)
    if place < last and not any(span.right > span.left for span in merged):
        _spread_without_merging(line, grid.rows[place + 1])
    return line


def _spread_without_merging(line: list[str], below: Sequence[Cell]) -> None:
    """In a text file 父亲 stands only over the first of its columns; those beside it have headings below."""
    for column in range(1, len(line)):
        under = column < len(below) and below[column] is not None and below[column - 1] is not None
        if not line[column] and under:
            line[column] = line[column - 1]


def _at(grid: Grid, row: int, column: int) -> Cell:
    cells = grid.rows[row] if row < len(grid.rows) else ()
    return cells[column] if column < len(cells) else None


# The rows below


@dataclass(slots=True)
class _Body:
    """Walks down the rows under the headings, remembering what 同上 refers to and which group it is in."""

    grid: Grid
    headings: tuple[Heading, ...]
    start: int
    words: Vocabulary
    dropped: list[Dropped] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        group = group_of(self.grid.name)
        above: tuple[Cell, ...] = ()
        held = _down_spans(self.grid.merged, self.start)
        counting = self._counting_columns()
        names = [heading.texts[-1] if heading.texts else "" for heading in self.headings]
        for place in range(self.start, len(self.grid.rows)):
            cells = self._filled_down(place, held)
            filled = {col: c for col, c in enumerate(cells) if c and not (col in counting and _counts(c))}
            if not filled:
                continue
            if why := self._not_a_person(filled, names):
                self.dropped.append(Dropped(place + 1, why))
                group = (len(filled) == 1 and group_of(text_of(*filled.values()))) or group
                continue
            above = _with_same_as_above(cells, above)
            yield Row(place + 1, above, group)

    def _counting_columns(self) -> frozenset[int]:
        ignored = self.words.is_ignored
        return frozenset(h.column for h in self.headings if h.texts and ignored(h.texts[-1]))

    def _filled_down(self, place: int, held: dict[int, list[Span]]) -> list[Cell]:
        cells = list(self.grid.rows[place])
        for span in held.get(place, ()):
            for column in range(span.left, min(span.right + 1, len(cells))):
                if column == span.left:
                    cells[column] = _at(self.grid, span.top, span.left)
        return cells

    def _not_a_person(self, filled: Mapping[int, Cell], names: Sequence[str]) -> str:
        if TOTAL.match(_solid(next(iter(filled.values())))):
            return "合计行"
        same = sum(column < len(names) and cell == names[column] for column, cell in filled.items())
        if same >= 2 and 2 * same >= len(filled):
            return "重复的表头"
        if 2 * len(filled) > len(names) > 2:  # a full line is a person's
            return ""
        texts = [_solid(cell) for cell in filled.values()]
        few = 3 * len(texts) <= len(names) or len(texts) == 1
        if any(FOOTER.match(text) and (few or "：" in text or ":" in text) for text in texts):
            return "制表人、说明等"
        if len(texts) == 1 and len(names) > 2 and not _is_name(filled, names):
            return "标题或分组行"
        return ""


def _is_name(filled: Mapping[int, Cell], names: Sequence[str]) -> bool:
    """A row that holds nothing but a name is a person of whom nothing else is known."""
    column, cell = next(iter(filled.items()))
    return column < len(names) and plain(names[column]).endswith("姓名") and not group_of(text_of(cell))


def _solid(cell: Cell) -> str:
    return "".join(text_of(cell).split())


def _counts(cell: Cell) -> bool:
    return not isinstance(cell, str) or plain(cell).isdecimal()


def _down_spans(merged: Sequence[Span], start: int) -> dict[int, list[Span]]:
    """For each row the merged cells that began above it."""
    held: dict[int, list[Span]] = {}
    for span in merged:
        if span.top >= start and span.bottom > span.top:
            for place in range(span.top + 1, min(span.bottom, span.top + 500) + 1):
                held.setdefault(place, []).append(span)
    return held


def _with_same_as_above(cells: Sequence[Cell], above: Sequence[Cell]) -> tuple[Cell, ...]:
    if SAME_AS_ABOVE.isdisjoint(cells):
        return tuple(cells)
    return tuple(
        (above[column] if column < len(above) else None)
        if isinstance(cell, str) and cell in SAME_AS_ABOVE
        else cell
        for column, cell in enumerate(cells)
    )
