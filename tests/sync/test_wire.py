"""Messages come back as they went, small, and nothing that is not a message gets through."""

from __future__ import annotations

import random
from dataclasses import asdict, fields, replace
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import wire
from sync.heads import pack_head, unpack_head
from sync.merge import REST
from sync.messages import (
    Change,
    Enrolment,
    Gone,
    Hello,
    Page,
    Patch,
    Request,
    Result,
    Row,
    Signature,
    Terms,
    Unit,
    op_id,
    total,
)

TERMS = Terms("s1", "real", "530602000000", "昭阳区", "e1", 12, 3, 1_700_000_000_000)
HELLO = Hello("d1", "s1", "e1", {"530602001001": 7}, "abc", 500)
ids = st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}")
stamps = st.one_of(
    st.just(""), st.integers(1, 10**9).map(lambda n: f"e1:{n}"), st.integers(1, 99).map(lambda n: f"~{n}")
)
leaves = st.one_of(st.text(max_size=8), st.integers(-5, 10**6), st.booleans(), ids)
values = st.one_of(
    leaves,
    st.lists(st.text(max_size=5), max_size=3),
    st.fixed_dictionaries({"add": st.lists(st.text(max_size=4), max_size=2), "remove": st.just([])}),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.one_of(st.none(), leaves), max_size=3),
)
parts = st.sampled_from(["name", "phones", "birth", "household", "unheard_of"])
changes = st.builds(
    Change,
    st.sampled_from(["person", "child", "strange"]),
    ids,
    st.dictionaries(parts, st.one_of(st.none(), values), max_size=4),
    st.dictionaries(parts, stamps, max_size=4),
)
units = st.builds(
    Unit, st.integers(1, 10**6), st.sampled_from(["save", "delete"]), st.one_of(st.just(""), ids), ids,
    st.text(max_size=4), st.integers(-(10**14), 10**14), st.lists(changes, max_size=3).map(tuple), stamps,
)  # fmt: skip
rows = st.builds(
    Row, st.sampled_from(["person", "child_visit"]), ids, st.one_of(st.just(""), ids),
    st.sampled_from(["530602001001", "530602001002"]), st.dictionaries(parts, values, max_size=4),
    st.dictionaries(st.one_of(st.just(REST), parts), stamps.filter(bool), max_size=3),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(units, max_size=6))
def test_units_come_back_as_they_went(found: list[Unit]) -> None:
    request = Request(HELLO, tuple(found))
    assert wire.decode_request(wire.encode_request(request)) == request


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(rows, max_size=6), min_size=1, max_size=3))
def test_rows_come_back_as_they_went(found: list[list[Row]]) -> None:
    pages = [Page(TERMS, rows=tuple(each), cursors={"530602001001": 9}, more=True) for each in found]
    back = list(wire.decode_pages(wire.encode_pages(pages)))
    assert [sorted(page.rows, key=Row.digest) for page in back] == [sorted(page.rows, key=Row.digest) for page in pages]
    digests = [sorted(row.digest() for page in side for row in page.rows) for side in (back, pages)]
    assert digests[0] == digests[1]


def test_the_rest_of_a_page_comes_back_too() -> None:
    page = Page(
        TERMS,
        (Result(4, "e1:11", True), Result(5, "", False, "foreign_village"), Result(6, "e1:12", False)),
        (),
        (Gone("person", "a" * 32),),
        (Signature("e1:11", "b" * 32, "李娟", "save", 1_700_000_000_000),),
        {"530602001001": 12},
        "last",
        False,
        b"digest",
    )
    assert list(wire.decode_pages(wire.encode_pages([page]))) == [page]


def test_a_broken_stream_gives_the_pages_that_were_complete() -> None:
    generator = random.Random(1)
    pages = [
        Page(
            TERMS, rows=(Row("person", f"{generator.getrandbits(128):032x}", "", "530602001001", {}, {}),), last=str(at)
        )
        for at in range(3)
    ]
    chunks = list(wire.encode_pages(pages))
    cut = [*chunks[:2], chunks[2][:-3]]
    assert [page.last for page in wire.decode_pages(cut)] == ["0", "1"]
    by_byte = [bytes([byte]) for chunk in chunks for byte in chunk]
    assert list(wire.decode_pages(by_byte)) == pages


@pytest.mark.parametrize("junk", [b"", b"junk", zstandard.compress(b"\xc1"), zstandard.compress(b"\x92\x01\x02")])
def test_what_is_not_a_request_is_refused(junk: bytes) -> None:
    with pytest.raises(wire.Unreadable):
        wire.decode_request(junk)
    with pytest.raises(wire.Unreadable):
        wire.loaded(Request(HELLO), junk)


@settings(max_examples=60, deadline=None)
@given(st.lists(units, max_size=4), st.lists(st.binary(max_size=9), max_size=3))
def test_what_goes_by_parts_comes_back_and_is_the_same_bytes_whenever_it_is_said(
    found: list[Unit], sealed: list[bytes]
) -> None:
    asked = Request(HELLO, tuple(found), tuple(sealed))
    other = replace(asked, hello=Hello("d2", "s1", "e2", last="e2:1"))
    assert wire.encode_load(asked) == wire.encode_load(other)
    assert wire.loaded(replace(asked, units=(), sealed=()), wire.encode_load(asked)) == asked


def test_a_small_message_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = zstandard.compress(b"\x00" * (wire.LARGEST + 10))
    assert len(bomb) < 100_000
    with pytest.raises(wire.Unreadable):
        wire.decode_request(bomb)


def test_small_messages_come_back_as_they_went() -> None:
    enrolment = Enrolment("ABCD-2345", b"k" * 32, "d" * 32, b"n" * 16, "real", "530602001001", "officer", "h", "王")
    assert wire.decode_plain(Enrolment, wire.encode_plain(enrolment)) == enrolment
    sums = {("530602001001", "person"): (3, 1, 2)}
    assert wire.decode_sums(wire.encode_sums(sums)) == sums
    with pytest.raises(wire.Unreadable):
        wire.decode_plain(Enrolment, b"\x90")
    with pytest.raises(wire.Unreadable):
        wire.decode_sums(b"\x91\x01")


def test_a_unit_has_the_same_id_at_both_ends_and_another_for_any_other_content() -> None:
    change = Change("person", "a" * 32, {"name": "王", "birth": {"birth_date": "2016-01-01"}}, {"name": "e:1"})
    unit = Unit(1, "save", "a" * 32, "b" * 32, "李", 5, (change,))
    sent = wire.decode_request(wire.encode_request(Request(HELLO, (unit,)))).units[0]
    assert sent.identity("d", b"n") == unit.identity("d", b"n")
    others: list[Any] = [unit.identity("d", b"m"), unit.identity("e", b"n")]
    others.append(Unit(2, "save", "a" * 32, "b" * 32, "李", 5, (change,)).identity("d", b"n"))
    assert unit.identity("d", b"n") not in others
    assert op_id(unit.identity("d", b"n"), 0) != op_id(unit.identity("d", b"n"), 1)


def test_the_total_of_sums_does_not_depend_on_their_order_or_on_empty_ones() -> None:
    one = {("a", "person"): (1, 5, 6), ("b", "child"): (2, 7, 8)}
    other = {("b", "child"): (2, 7, 8), ("c", "child"): (0, 0, 0), ("a", "person"): (1, 5, 6)}
    assert total(one) == total(other) != total({})


def test_heads_from_newer_and_older_programs_are_read() -> None:
    for head in (HELLO, TERMS):
        packed = pack_head(head)
        newer = [*packed, *(each.default for each in fields(head)[len(packed) :]), "what is to come", {}]
        assert unpack_head(type(head), newer) == head
    older = Hello("d" * 32, "s" * 16, "e1")
    assert len(pack_head(older)) == 3
    assert unpack_head(Hello, pack_head(older)) == older
    assert unpack_head(Hello, asdict(HELLO)) == HELLO  # as the first desks said it
    with pytest.raises(msgspec.ValidationError):
        unpack_head(Hello, pack_head(older)[:2])
    with pytest.raises(msgspec.ValidationError):
        unpack_head(Hello, {"device": "d"})
    with pytest.raises(TypeError):
        unpack_head(Hello, "d")


def test_requests_and_pages_from_newer_and_older_programs_are_read() -> None:
    newer = msgspec.msgpack.encode([pack_head(HELLO), None, [], None, "what is to come"])
    assert wire.decode_request(newer) == wire.decode_request(msgspec.msgpack.encode([pack_head(HELLO)]))
    older = [pack_head(TERMS), [{}, "last"]]
    longer = [pack_head(TERMS), [{}, "last", False, b"", b"", "to come"], [], {}, [], [], [], {}, "to come"]
    for told in (older, longer):
        plain = msgspec.msgpack.encode(told)
        stream = zstandard.compress(len(plain).to_bytes(4, "big") + plain)
        assert list(wire.decode_pages([stream])) == [Page(TERMS, last="last")]


@given(st.text("0123456789abcdefA-", max_size=24))
def test_ids_and_codes_come_back_as_they_went(text: str) -> None:
    hello = Hello(text, text, text, {text: 3}, text, 9)
    assert unpack_head(Hello, msgspec.msgpack.decode(msgspec.msgpack.encode(pack_head(hello)))) == hello


patches = st.builds(
    Patch, st.sampled_from(["person", "strange"]), ids,
    st.dictionaries(parts, st.one_of(st.none(), values), max_size=4),
    st.dictionaries(parts, stamps.filter(bool), max_size=4),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(patches, max_size=6))
def test_what_is_new_of_records_comes_back_as_it_went(found: list[Patch]) -> None:
    (page,) = wire.decode_pages(wire.encode_pages([Page(TERMS, patches=tuple(found))]))
    assert sorted(page.patches, key=_in_order) == sorted(found, key=_in_order)


def _in_order(patch: Patch) -> tuple[str, ...]:
    return patch.type, patch.record, repr(sorted(patch.after.items())), repr(sorted(patch.stamps.items()))
