"""Messages as bytes and back: tables of columns in MessagePack, compressed as one stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import zstandard

from sync.columns import Words, deltas, pack, pack_maps, sums, unpack, unpack_maps
from sync.heads import exactly, lengthened, pack_head, shortened, unpack_head
from sync.merge import REST, Stamp
from sync.messages import (
    Change,
    Enrolment,
    Gone,
    Hello,
    Introduction,
    Page,
    Patch,
    Receipt,
    Refusal,
    Request,
    Result,
    Row,
    Signature,
    Sums,
    Terms,
    Unit,
    Welcome,
)

LEVEL = 6
MAGIC = zstandard.FRAME_HEADER
WORTH_COMPRESSING = 200
"""What is shorter would only grow."""
LARGEST = 64 << 20
"""No message unpacks to more than this: a small one that does is an attack (reliability.md, T11)."""

SIP = 4 << 10

M = TypeVar("M", Enrolment, Introduction, Welcome, Receipt, Refusal)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Unreadable(ValueError):
    """What came is not a message of this protocol."""


def encode_plain(message: Enrolment | Introduction | Welcome | Receipt | Refusal) -> bytes:
    """A small message by itself."""
    return _encode(message)


def decode_plain(kind: type[M], data: bytes) -> M:
    """The small message in these bytes. Raises Unreadable."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(str(error)) from error


def encode_request(request: Request) -> bytes:
    """One request: hello, units and what was sealed; blocks that follow go as a stream (``sync.stream``)."""
    units = units_table(request.units) if request.units else None
    told: list[Any] = [units, request.sealed or None, request.asks_after]
    while told and told[-1] is None:
        told.pop()
    plain = _encode([pack_head(request.hello), *told])
    return plain if len(plain) < WORTH_COMPRESSING else zstandard.ZstdCompressor(level=LEVEL).compress(plain)


def decode_request(data: bytes) -> Request:
    """The request in these bytes. Raises Unreadable, whatever they are."""
    try:
        hello, units, sealed, asks_after = exactly(_decode(_unpacked(data)), None, None, None, None)
        kept = tuple(msgspec.convert(sealed or (), list[bytes]))
        return Request(unpack_head(Hello, hello), units_of(units) if units else (), kept, _number(asks_after))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


def _number(told: Any) -> int | None:
    if told is not None and (type(told) is not int or abs(told) >= 1 << 63):
        raise Unreadable("not a number")
    return told


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(MAGIC):
        return data
    plain = zstandard.ZstdDecompressor().stream_reader(data).read(LARGEST + 1)
    if len(plain) > LARGEST:
        raise Unreadable("too large")
    return plain


def encode_pages(pages: Iterable[Page]) -> Iterator[bytes]:
    """Pages as one compressed stream that can be read up to each page's end."""
    packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for page in pages:
        plain = _encode(_page_table(page))
        yield packer.compress(len(plain).to_bytes(4, "big") + plain) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def decode_pages(chunks: Iterable[bytes]) -> Iterator[Page]:
    """Pages as they become complete; what is missing at the end of a broken stream is simply not given.

    Raises Unreadable.
    """
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    waiting = bytearray()
    for chunk in _in_sips(chunks):
        try:
            waiting += unpacker.decompress(chunk)
        except zstandard.ZstdError as error:
            raise Unreadable(str(error)) from error
        while len(waiting) >= 4:
            size = int.from_bytes(waiting[:4], "big")
            if size > LARGEST:
                raise Unreadable("too large")
            if len(waiting) < 4 + size:
                break
            yield _page_of(bytes(waiting[4 : 4 + size]))
            del waiting[: 4 + size]


def _in_sips(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """So little at a time that a page which would fill the memory is noticed long before."""
    for chunk in chunks:
        yield from (chunk[at : at + SIP] for at in range(0, len(chunk), SIP))


def decode_page(data: bytes) -> Page:
    """The one page in these bytes. Raises Unreadable."""
    for page in decode_pages([data]):
        return page
    raise Unreadable("no page")


def encode_sums(found: Sums) -> bytes:
    """Sums by division and type."""
    return _encode([(org, type_, *numbers) for (org, type_), numbers in found.items()])


def decode_sums(data: bytes) -> Sums:
    """The sums in these bytes. Raises Unreadable."""
    try:
        return {(org, type_): (count, h1, h2) for org, type_, count, h1, h2 in _decode(data)}
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise Unreadable(str(error)) from error


# Units, upwards


def units_table(units: Sequence[Unit]) -> Any:
    """Units as columns: their heads together, their changes by record type."""
    words = Words()
    heads = [
        deltas(unit.seq for unit in units),
        words.pack([unit.verb for unit in units]),
        pack([unit.subject or None for unit in units]),
        words.pack([unit.author for unit in units]),
        words.pack([unit.author_name for unit in units]),
        deltas(unit.made_at for unit in units),
        words.pack_stamps([unit.stamp for unit in units]),
    ]
    changes: dict[str, list[tuple[int, int, Change]]] = {}
    for at, unit in enumerate(units):
        for place, change in enumerate(unit.changes):
            changes.setdefault(change.type, []).append((at, place, change))
    tables = {name: _changes_table(found, words) for name, found in changes.items()}
    return [len(units), heads, tables, words.listed]


def _changes_table(found: Sequence[tuple[int, int, Change]], words: Words) -> Any:
    changes = [change for _, _, change in found]
    bases = [_common_base(change) for change in changes]
    odd = [
        [at, list(change.bases), words.pack_stamps(list(change.bases.values()))]
        for at, (change, base) in enumerate(zip(changes, bases, strict=True))
        if base is None
    ]
    return [
        len(changes),
        deltas(at for at, _, _ in found),
        [place for _, place, _ in found],
        pack([change.record for change in changes]),
        words.pack_stamps([base or "" for base in bases]),
        odd,
        pack_maps([change.after for change in changes], with_none=True),
    ]


def _common_base(change: Change) -> Stamp | None:
    """The one base of all parts, empty when none has a base; None when it takes more to say."""
    if not change.bases:
        return ""
    found = set(change.bases.values())
    return found.pop() if len(found) == 1 and "" not in found and change.bases.keys() == change.after.keys() else None


def units_of(table: Any) -> tuple[Unit, ...]:
    """The units of a table."""
    count, heads, tables, listed = table[:4]
    seqs, verbs, subjects, authors, names, times, stamps = heads[:7]
    words = Words(_texts(listed))
    changes: list[dict[int, Change]] = [{} for _ in range(count)]
    for name, inner in tables.items():
        for at, place, change in _changes_of(name, inner, words):
            changes[at][place] = change
    told = zip(
        sums(seqs),
        words.unpack(verbs, count),
        unpack(subjects, count),
        words.unpack(authors, count),
        words.unpack(names, count),
        sums(times),
        words.unpack_stamps(stamps, count),
        changes,
        strict=True,
    )
    return tuple(
        Unit(seq, verb, subject or "", author, name, at, tuple(done[place] for place in sorted(done)), stamp)
        for seq, verb, subject, author, name, at, stamp, done in told
    )


def _changes_of(name: str, table: Any, words: Words) -> Iterator[tuple[int, int, Change]]:
    count, units, places, records, bases, odd, after = table[:7]
    _texts([name, *after[0]])
    odd_bases = {
        at: dict(zip(parts, words.unpack_stamps(stamps, len(parts)), strict=True)) for at, parts, stamps in odd
    }
    columns = zip(
        sums(units),
        places,
        _texts(unpack(records, count)),
        words.unpack_stamps(bases, count),
        unpack_maps(after, count, with_none=True),
        strict=True,
    )
    for number, (at, place, record, base, values) in enumerate(columns):
        known = odd_bases.get(number)
        if known is None:
            known = dict.fromkeys(values, base) if base else {}
        yield at, place, Change(name, record, values, known)


def _texts(found: list[Any]) -> list[str]:
    if not all(isinstance(each, str) for each in found):
        raise TypeError("a name must be text")
    return found


# Pages, downwards


def _page_table(page: Page) -> Any:
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
    subjects: Any = None
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
    by_type: dict[str, list[tuple[int, int, Change]]] = {}
    for patch in patches:
        found = by_type.setdefault(patch.type, [])
        found.append((len(found), 0, Change(patch.type, patch.record, patch.after, patch.stamps)))
    return {name: _changes_table(found, words) for name, found in by_type.items()}


def _patches_of(name: str, table: Any, words: Words) -> Iterator[Patch]:
    for _, _, change in _changes_of(name, table, words):
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


def _page_of(plain: bytes) -> Page:
    try:
        found = exactly(_decode(plain), [], [], [], {}, [], [], [], {})
        terms, rest, results, tables, signed, gone, listed, patches = found
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
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


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
    columns = zip(
        words.unpack_stamps(stamps, count),
        words.unpack(authors, count),
        words.unpack(names, count),
        words.unpack(verbs, count),
        sums(times),
        strict=True,
    )
    return tuple(Signature(*found) for found in columns)
