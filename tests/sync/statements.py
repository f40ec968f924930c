"""Read a statement as the database is given it, and say where it does not keep to one county."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.server import tables

TABLES = frozenset(tables.metadata.tables)
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|\?")
CAST = r"(?:::[A-Z]+(?: COLLATE \"C\")?)?"
BOUND = re.compile(rf"(?:(\w+)\.)?county = <(\d+)>{CAST}").fullmatch
JOINED = re.compile(r"(\w+)\.county = (\w+)\.county").fullmatch
ROW = r"\([^()]*\)"
INTO = r"INSERT (?:OR FAIL )?INTO \w+ \(county(?:, [\w\"]+)*\)"
WRITTEN = re.compile(rf"{INTO} VALUES ({ROW}(?:, {ROW})*)(?: RETURNING .*)?").fullmatch
FIRST = re.compile(rf"\(<(\d+)>{CAST}[,)]").match
VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE", "MERGE"})
LISTED = re.compile(r"json_each\(<\d+>\)(?: AS \w+)?").fullmatch
"""Values that are given as one parameter, and no rows of anybody."""
SOURCE = re.compile(r"^(?:pg_catalog\.)?(\w+)(?: (?:AS )?(\w+))?$")
CLAUSE = re.compile(r" (?:GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|FOR UPDATE|RETURNING) ?")
JOIN = re.compile(r" (?:LEFT OUTER |LEFT |INNER |CROSS )?JOIN ")


def faults(statement: str, parameters: Any, county: str) -> list[str]:
    """Why this statement might touch more than the county; nothing for what does not concern its tables."""
    text, values = _numbered(statement, parameters)
    return [f"{why}: {statement}" for why in _of_query(text, values, county, frozenset())]


def tables_in(statement: str) -> set[str]:
    """Which tables it reads or writes."""
    return {name for name in re.findall(r"(?:FROM|JOIN|INTO|UPDATE|,)\s+(\w+)", statement) if name in TABLES}


def _numbered(statement: str, parameters: Any) -> tuple[str, list[set[Any]]]:
    """The statement on one line, without strings, each placeholder as a number into what all its rows bind there."""
    rows: Sequence[Any] = parameters if isinstance(parameters, list) else [parameters]
    values: list[set[Any]] = []

    def number(found: re.Match[str]) -> str:
        key = found[1] or len(values)
        values.append({_hashable(row[key]) for row in rows})
        return f"<{len(values) - 1}>"

    plain = re.sub(r"'(?:[^']|'')*'", "''", " ".join(statement.split()))
    return PLACEHOLDER.sub(number, plain), values


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | None) else repr(type(value))


def _of_query(text: str, values: list[set[Any]], county: str, known: frozenset[str]) -> Iterator[str]:
    """Inner queries first; each may lean on what the outer one is bound to."""
    inner: list[str] = []
    text = _without_inner(text.strip(), inner)
    verb = text.partition(" ")[0]
    if verb == "WITH":
        yield "a form that is not understood"
        return
    if verb == "INSERT":
        if _name_after(text, "INTO") in TABLES and not _is_written_to(text, values, county):
            yield "an insertion without its county first"
        bound: frozenset[str] = frozenset()
    else:
        bound = known
        for part in re.split(r" (?:UNION ALL|UNION|INTERSECT|EXCEPT) ", text):
            names, conditions = _taken_apart(part)
            bound = _bound(conditions, names, values, county, known)
            yield from (f"{name} without its county" for name in sorted(set(names) - bound))
    for each in inner:
        yield from _of_query(each, values, county, bound)


def _is_written_to(text: str, values: list[set[Any]], county: str) -> bool:
    """Whether each row of an insertion begins with the county."""
    found = WRITTEN(text)
    firsts = [FIRST(row) for row in _split(found[1], ", ")] if found else []
    return bool(firsts) and all(first is not None and values[int(first[1])] == {county} for first in firsts)


def _without_inner(text: str, inner: list[str]) -> str:
    """The text with each bracketed query taken out of it."""
    while (at := text.find("(SELECT ")) >= 0:
        end = _closing(text, at)
        inner.append(text[at + 1 : end])
        text = text[:at] + "(inner)" + text[end + 1 :]
    return text


def _closing(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(text)


def _taken_apart(text: str) -> tuple[list[str], list[str]]:
    """Names of our tables, as the statement calls them, and conditions that all must hold."""
    head, _, rest = text.partition(" WHERE ")
    conditions = _split(CLAUSE.split(rest)[0], " AND ") if rest and len(_split(rest, " OR ")) == 1 else []
    verb = text.partition(" ")[0]
    if verb == "UPDATE":
        sources = [_name_after(head, "UPDATE")]
    else:
        listed = CLAUSE.split(head.partition(" FROM ")[2])[0]
        sources = []
        for source in (each for some in _split(listed, ", ") for each in JOIN.split(some)):
            name, _, on = source.partition(" ON ")
            sources.append(name)
            conditions += _split(on, " AND ") if len(_split(on, " OR ")) == 1 else []
    found = [SOURCE.match(source.strip()) for source in sources]
    names = [match[2] or match[1] for match in found if match and match[1] in TABLES]
    strange = [source for source, match in zip(sources, found, strict=True) if match is None and source != "(inner)"]
    strange = [source for source in strange if not LISTED(source.strip())]
    return names + [f"«{source}»" for source in strange if source], conditions


def _bound(
    conditions: list[str], names: list[str], values: list[set[Any]], county: str, known: frozenset[str]
) -> frozenset[str]:
    """Which of the names are held to the county, by a value or through another name that is."""
    found = set(known)
    for condition in conditions:
        if (match := BOUND(condition)) and values[int(match[2])] == {county}:
            found |= {match[1]} if match[1] else set(names)
    pairs = [match.groups() for condition in conditions if (match := JOINED(condition))]
    for _ in pairs:
        found |= {name for pair in pairs if found & set(pair) for name in pair}
    return frozenset(found)


def _split(text: str, mark: str) -> list[str]:
    """Where the mark stands outside of all brackets."""
    parts, depth, begun, place = [], 0, 0, 0
    while place < len(text):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0 and text.startswith(mark, place):
            parts.append(text[begun:place])
            place = begun = place + len(mark)
            continue
        place += 1
    return [part.strip() for part in [*parts, text[begun:]] if part.strip()]


def _name_after(text: str, word: str) -> str:
    found = re.search(rf"{word} (\w+)", text)
    return found[1] if found else ""


def concerns(statement: str) -> bool:
    """Whether it is one of those that read or write rows."""
    return statement.split()[0].upper() in VERBS


Said = tuple[str, Mapping[str, Any] | Sequence[Any]]
