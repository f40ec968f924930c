"""Pages as tables of columns and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.columns import Words, check_count, deltas, pack, pack_maps, sums, unpack, unpack_maps
from sync.heads import exactly, lengthened, pack_head, shortened, unpack_head
from sync.merge import REST, Stamp
from sync.messages import Change, Gone, Page, Patch, Result, Row, Signature, Terms
from sync.unit_table import Placed, changes_of, changes_table


def page_table(page: Page) -> Any:
    """A page as columns: its records by type, what was said of units, who signed."""
    words = Words()
    by_type: dict[str, list[Row]] = {}
    for row in page.rows:
        by_type.setdefault(row.type, []).append(row)
    tables = {name: _rows_table(rows, words) for name, rows in by_type.items()}
    results = _results_table(page.results, words) if page.results else []
    signed = _signatures_table(page.signatures, words) if page.signatures else []
    gone = [[each.type, each.record] for each in page.gone]
    rest = [shortened(page.cursors), shortened(page.last), page.more, page.digest]
    rest += [page.meant] if page.meant else []
    patches = _patches_tables(page.patches, words)
    return [pack_head(page.terms), rest, results, tables, signed, gone, words.listed, patches]


def _results_table(results: Sequence[Result], words: Words) -> Any:
    is_clean = all(result.clean for result in results)
    return [
        deltas(result.seq for result in results),
        words.pack_stamps([result.stamp for result in results]),
        is_clean or [result.seq for result in results if result.clean],
        {result.seq: result.reason for result in results if result.reason},
    ]


def _rows_table(rows: Sequence[Row], words: Words) -> Any:
    subjects: Any
    if all(row.subject == row.record for row in rows):
        subjects = "id"
    elif all(row.subject == row.body.get("subject") for row in rows):
        subjects = "subject"
    else:
        subjects = pack([row.subject or None for row in rows])
    own = [(at, part, stamp) for at, row in enumerate(rows) for part, stamp in row.stamps.items() if part != REST]
    return [
        len(rows),
        pack([row.record for row in rows]),
        subjects,
        words.pack([row.org for row in rows]),
        words.pack_stamps([row.stamps.get(REST, "") for row in rows]),
        [deltas(at for at, _, _ in own), words.pack([part for _, part, _ in own])],
        words.pack_stamps([stamp for _, _, stamp in own]),
        pack_maps([row.body for row in rows]),
    ]


def _patches_tables(patches: Sequence[Patch], words: Words) -> dict[str, Any]:
    """By type, as changes are upwards: what is new has one stamp in most of them."""
    by_type: dict[str, list[Placed]] = {}
    for patch in patches:
        found = by_type.setdefault(patch.type, [])
        found.append((len(found), 0, Change(patch.type, patch.record, patch.after, patch.stamps)))
    return {name: changes_table(found, words) for name, found in by_type.items()}


def _patches_of(name: str, table: Any, words: Words) -> Iterator[Patch]:
    for _, _, change in changes_of(name, table, words):
        yield Patch(name, change.record, change.after, change.bases)


def _signatures_table(signed: Sequence[Signature], words: Words) -> Any:
    return [
        len(signed),
        words.pack_stamps([each.stamp for each in signed]),
        words.pack([each.author for each in signed]),
        words.pack([each.author_name for each in signed]),
        words.pack([each.verb for each in signed]),
        deltas(each.at for each in signed),
    ]


def page_of(found: Any) -> Page:
    """The page of a table. Raises what is wrong with it."""
    terms, rest, results, tables, signed, gone, listed, patches = exactly(found, [], [], [], {}, [], [], [], {})
    words = Words(listed)
    cursors, last, more, digest, meant = exactly(rest, {}, "", False, b"", b"")
    return Page(
        unpack_head(Terms, terms),
        _results_of(results, words) if results else (),
        tuple(row for name, table in tables.items() for row in _rows_of(name, table, words)),
        tuple(Gone(name, record) for name, record in gone),
        _signatures_of(signed, words) if signed else (),
        lengthened(cursors),
        lengthened(last),
        more,
        digest,
        tuple(patch for name, table in patches.items() for patch in _patches_of(name, table, words)),
        meant,
    )


def _results_of(table: Any, words: Words) -> tuple[Result, ...]:
    steps, stamps, clean, reasons = table[:4]
    seqs = sums(steps)
    cleaned = set(seqs) if clean is True else set(clean)
    return tuple(
        Result(seq, stamp, seq in cleaned, reasons.get(seq, ""))
        for seq, stamp in zip(seqs, words.unpack_stamps(stamps, len(seqs)), strict=True)
    )


def _rows_of(name: str, table: Any, words: Words) -> list[Row]:
    count, records, subjects, orgs, stamps, (steps, parts), own, bodies = table[:8]
    check_count(count, stamps[1])
    ids = unpack(records, count)
    maps = unpack_maps(bodies, count)
    rest = words.unpack_stamps(stamps, count)
    stamped: list[dict[str, Stamp]] = [{REST: stamp} if stamp else {} for stamp in rest]
    places = sums(steps)
    for at, part, stamp in zip(
        places, words.unpack(parts, len(places)), words.unpack_stamps(own, len(places)), strict=True
    ):
        stamped[at][part] = stamp
    subject = _subjects_of(subjects, ids, maps)
    return [Row(name, *found) for found in zip(ids, subject, words.unpack(orgs, count), maps, stamped, strict=True)]


def _subjects_of(column: Any, ids: list[str], bodies: Sequence[Mapping[str, Any]]) -> list[str]:
    if column == "id":
        return ids
    if column == "subject":
        return [body["subject"] for body in bodies]
    return [subject or "" for subject in unpack(column, len(ids))]


def _signatures_of(table: Any, words: Words) -> tuple[Signature, ...]:
    count, stamps, authors, names, verbs, times = table[:6]
    check_count(count, times)
    columns = zip(
        words.unpack_stamps(stamps, count),
        words.unpack(authors, count),
        words.unpack(names, count),
        words.unpack(verbs, count),
        sums(times),
        strict=True,
    )
    return tuple(Signature(*found) for found in columns)
