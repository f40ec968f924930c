"""Photos across a line that breaks again and again: each exchange goes on where the last one ended."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from app.records import Attachment, Person
from app.store.changes import writing
from sync.client import photos
from sync.client.credentials import ties
from sync.client.parcel import pack, unpack
from sync.client.photos import LARGEST, QUICK, SMALLEST, Parts
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from sync.server.parcels import answer
from tests.sync.breaking import PHOTO, BreakingLine, SlowLine
from tests.sync.desks import Desk, OpenDesk


def exchanged(desk: Desk, line: BreakingLine) -> int:
    """Exchange until all photos went through; gives how often the line broke."""
    for broke in range(60):
        try:
            outcome = desk.exchange(line)
        except LineBroke:
            continue
        assert outcome.photos_waiting == 0
        return broke
    raise AssertionError("never finished")


def with_photo(desk: Desk, content: bytes = PHOTO) -> str:
    """The digest of a photo of somebody, not sent yet."""
    digest = desk.store.attach_blob(content)
    desk.save(Attachment(), subject=desk.person().id, sha256=digest, size=len(content))
    return digest


@pytest.fixture
def pair(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk]:
    first, second = open_desk(), open_desk()
    first.join(county)
    second.join(county)
    return first, second


def test_a_photo_goes_up_and_down_over_a_line_that_never_bears_a_sixth_of_it(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, second = pair
    digest = with_photo(first)
    for desk in pair:
        line = BreakingLine(county)
        assert exchanged(desk, line) > 5
        assert line.moved < 2.5 * len(PHOTO)
    assert second.store.blob(digest) == PHOTO
    assert not list(second.store.folder.rglob("*.part"))


def test_the_text_is_there_before_the_photo(county: CountyServer, pair: tuple[Desk, Desk]) -> None:
    first, second = pair
    with_photo(first)
    first.exchange(county)
    with pytest.raises(LineBroke):
        second.exchange(BreakingLine(county))
    assert second.store.count(Person) == 1
    with writing(second.store) as work:
        ((_, done, size),) = work.transfers("down")
    assert 0 < done < size == len(PHOTO)


@pytest.mark.parametrize("harm", [lambda kept: kept[:-1], lambda kept: kept[:-9] + b"?" + kept[-8:], lambda kept: b""])
def test_a_part_that_was_half_written_comes_again(
    county: CountyServer, pair: tuple[Desk, Desk], harm: Callable[[bytes], bytes]
) -> None:
    first, second = pair
    digest = with_photo(first)
    first.exchange(county)
    line = BreakingLine(county)
    with pytest.raises(LineBroke):
        second.exchange(line)
    before = len(second.store.blobs.begun(digest))
    file: Path
    (file,) = second.store.folder.rglob("*.part")
    file.write_bytes(harm(file.read_bytes()))
    kept = second.store.blobs.begun(digest)
    assert PHOTO.startswith(kept)
    assert len(kept) < before
    exchanged(second, line)
    assert second.store.blob(digest) == PHOTO


def test_what_came_and_is_another_photo_is_thrown_away_and_fetched_anew(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, second = pair
    digest = with_photo(first)
    first.exchange(county)
    second.store.blobs.add(digest, 0, b"something else")
    assert second.exchange(county).photos_waiting == 1
    assert second.store.blobs.begun(digest) == b""
    assert second.exchange(county).photos_waiting == 0
    assert second.store.blob(digest) == PHOTO


def test_what_has_come_of_a_photo_leaves_with_it(county: CountyServer, pair: tuple[Desk, Desk]) -> None:
    _, second = pair
    digest = sha256(PHOTO).hexdigest()
    second.store.blobs.add(digest, 0, PHOTO[:8_000])
    second.store.blobs.drop(digest)
    assert not list(second.store.folder.rglob("*.part"))


@pytest.mark.parametrize("spoilt", [False, True])
def test_i_began_a_photo_by_line_and_the_stick_brought_it_there_whole(
    county: CountyServer, pair: tuple[Desk, Desk], spoilt: bool
) -> None:
    first, second = pair
    digest = with_photo(first)
    with pytest.raises(LineBroke):
        first.exchange(BreakingLine(county))
    device = ties(first.store).device
    held = county.has_blob(device, digest)
    assert 0 < held < len(PHOTO)
    if spoilt:
        assert county.put_blob(device, digest, held, len(PHOTO), b"?") == held + 1
    outcome = unpack(first.store, answer(county, pack(first.store).content))
    assert (outcome.delivered, outcome.photos_waiting) == (True, 0)
    assert pack(first.store).photos == 0
    assert second.exchange(county).photos_waiting == 0
    assert second.store.blob(digest) == PHOTO


def test_a_whole_that_is_another_photo_takes_nothing_of_what_came_before(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, _ = pair
    digest = with_photo(first)
    with pytest.raises(LineBroke):
        first.exchange(BreakingLine(county))
    device = ties(first.store).device
    held = county.has_blob(device, digest)
    assert county.put_blob(device, digest, 0, len(PHOTO), bytes(len(PHOTO))) == held
    assert first.exchange(county).photos_waiting == 0


def test_my_line_is_slow_but_never_breaks_and_neither_do_the_photos(
    county: CountyServer, pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (PHOTO, PHOTO[::-1]):
        with_photo(pair[0], content)
    for desk in pair:
        line = SlowLine(county)
        monkeypatch.setattr(photos, "Parts", lambda line=line: Parts(line.now))
        assert desk.exchange(line).photos_waiting == 0
        assert line.seconds > 2 * len(PHOTO) / line.rate
        assert max(line.took) <= 2 * QUICK


@pytest.mark.parametrize(
    "sent, then",
    [
        ([], SMALLEST),
        ([(1, 1.0)] * 3, 8 * SMALLEST),
        ([(1, 1.0)] * 20, LARGEST),
        ([(1, 1.0), (1, QUICK)], 2 * SMALLEST),
        ([(1, 1.0), (1, 1.0), (1, 3 * QUICK)], 2 * SMALLEST),
        ([(1, 3 * QUICK)], SMALLEST),
        ([(1, 1.0), (0.1, 0.1)], 2 * SMALLEST),  # the end of a photo tells nothing of a larger part
    ],
)
def test_parts_grow_only_while_they_go_through_quickly(sent: list[tuple[float, float]], then: int) -> None:
    """``sent``: how much of what a part might have had, and the seconds it took."""
    seconds = [0.0]
    parts = Parts(lambda: seconds[0])
    for share, took in sent:
        size = round(share * parts.begin())
        seconds[0] += took
        parts.arrived(size)
        seconds[0] += 1_000  # what lies between two parts is not the line's doing
    assert parts.begin() == then
