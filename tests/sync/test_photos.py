"""Photos across a line that breaks again and again: each exchange goes on where the last one ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.records import Attachment, Person
from app.store.changes import writing
from sync.client import photos
from sync.client.credentials import ties
from sync.client.engine import exchange, pending
from sync.client.http import HttpCounty
from sync.client.parcel import pack, unpack
from sync.client.parts import A_WHILE, LARGEST, QUICK, SMALLEST, Parts
from sync.messages import Change, Hello, Page, Request, Unit
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from sync.server.parcels import answer
from tests.sync.breaking import PHOTO, BreakingLine, SlowLine
from tests.sync.desks import NEXT_VILLAGE, Desk, OpenDesk


@dataclass
class Busy:
    """A county to whose line somebody listens who types while photos go by: at the parts of these numbers."""

    county: Any
    types: dict[int, Callable[[], object]]
    parts: int = 0
    log: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        self.log.append(f"text {len(request.units)}")
        yield from self.county.exchange(request)

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        self._pass()
        return int(self.county.put_blob(device, sha256, start, size, part))

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        self._pass()
        return bytes(self.county.get_blob(device, sha256, start, length))

    def _pass(self) -> None:
        self.parts += 1
        self.log.append("part")
        if self.parts in self.types:
            self.types[self.parts]()


def with_photo(desk: Desk, content: bytes = PHOTO) -> str:
    """The digest of a photo of somebody, not sent yet."""
    digest = desk.store.attach_blob(content)
    desk.save(Attachment(), subject=desk.person().id, sha256=digest, size=len(content))
    return digest


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """How large parts become is not to depend on how fast this machine is."""
    monkeypatch.setattr(photos, "Parts", lambda: Parts(lambda: 0.0))


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
        assert desk.exchange(line).photos_waiting == 0
        assert line.broke > 5
        assert line.moved < 2.5 * len(PHOTO)
    assert second.store.blob(digest) == PHOTO
    assert not list(second.store.folder.rglob("*.part"))


def test_a_photo_still_goes_up_although_its_child_has_moved_on_with_the_text_before_it(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = open_desk(), open_desk(NEXT_VILLAGE)
    for desk in (here, there):
        desk.join(county)
    digest = with_photo(here)
    child = here.store.require(Person, next(iter(here.store.every(Attachment))).subject or "")
    here.save(child, org=NEXT_VILLAGE)
    with pytest.raises(LineBroke):
        here.exchange(BreakingLine(county, bears=0, left=0))
    assert here.store.get(Person, child.id) is None
    here.exchange(county)
    there.exchange(county)
    assert there.store.blob(digest) == PHOTO
    here.exchange(county)
    assert not here.store.has_blob(digest)


def test_who_wrote_a_photo_in_may_bring_it_although_another_was_first_to_give_that_back(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, other = open_desk(), open_desk(holder="王芳")
    for desk in (here, other):
        desk.join(county)
    child, digest = here.person(), here.store.attach_blob(PHOTO)
    here.exchange(county)
    other.exchange(county)
    photo = here.save(Attachment(), subject=child.id, sha256=digest, size=len(PHOTO))
    with writing(here.store) as work:
        body, _ = work.held([("attachment", photo.id)])["attachment", photo.id]
    seen = Unit(-1, "save", child.id, "", "李娟", 0, (Change("attachment", photo.id, dict(body), {}),), "abcd:5")
    list(county.exchange(Request(Hello(ties(other.store).device, "", ""), (seen,))))
    here.save(here.get(Person, child.id), org=NEXT_VILLAGE)
    with pytest.raises(LineBroke):
        here.exchange(BreakingLine(county, bears=0, left=0))  # the photo's record and the move arrive
    assert here.exchange(county).photos_waiting == 0
    assert county.has_blob(ties(here.store).device, digest) == len(PHOTO)


def test_the_text_is_there_before_the_photo(county: CountyServer, pair: tuple[Desk, Desk]) -> None:
    first, second = pair
    with_photo(first)
    first.exchange(county)
    with pytest.raises(LineBroke):
        second.exchange(BreakingLine(county, bears=0))
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
    with pytest.raises(LineBroke):
        second.exchange(BreakingLine(county, bears=0))
    before = len(second.store.blobs.begun(digest))
    file: Path
    (file,) = second.store.folder.rglob("*.part")
    file.write_bytes(harm(file.read_bytes()))
    kept = second.store.blobs.begun(digest)
    assert PHOTO.startswith(kept)
    assert len(kept) < before
    assert second.exchange(BreakingLine(county)).photos_waiting == 0
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
    first, second = pair
    with_photo(first)
    first.exchange(county)
    with pytest.raises(LineBroke):
        second.exchange(BreakingLine(county, bears=0))
    (photo,) = second.store.every(Attachment)
    assert list(second.store.folder.rglob("*.part"))
    first.save(first.get(Person, photo.subject or ""), org=NEXT_VILLAGE)
    first.exchange(county)
    second.exchange(county)
    assert second.store.count(Person) == 0
    assert not list(second.store.folder.rglob("*.part"))


@pytest.mark.parametrize("spoilt", [False, True])
def test_i_began_a_photo_by_line_and_the_stick_brought_it_there_whole(
    county: CountyServer, pair: tuple[Desk, Desk], spoilt: bool
) -> None:
    first, second = pair
    digest = with_photo(first)
    with pytest.raises(LineBroke):
        first.exchange(BreakingLine(county, bears=0))
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
        first.exchange(BreakingLine(county, bears=0))
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


def test_a_part_over_which_the_line_breaks_is_halved_and_grows_again_after_a_while() -> None:
    seconds, sizes = [0.0], list[int]()
    parts = Parts(lambda: seconds[0])

    def move(took: float = 0.0, breaks: int = 0) -> int:
        left = [breaks]

        def work(size: int) -> int:
            sizes.append(size)
            seconds[0] += took
            if left[0]:
                left[0] -= 1
                raise LineBroke("断了")
            return size

        parts.arrived(parts.move(work))
        return parts.size

    assert [move() for _ in range(3)] == [2 * SMALLEST, 4 * SMALLEST, 8 * SMALLEST]
    assert move(breaks=2) == 2 * SMALLEST
    assert sizes[-3:] == [8 * SMALLEST, 4 * SMALLEST, 2 * SMALLEST]
    assert {move() for _ in range(A_WHILE - 2)} == {2 * SMALLEST}
    assert move() == 4 * SMALLEST
    with pytest.raises(LineBroke):
        move(breaks=5)  # not even the smallest, twice
    assert sizes[-4:] == [4 * SMALLEST, 2 * SMALLEST, SMALLEST, SMALLEST]
    with pytest.raises(LineBroke):
        Parts(lambda: seconds[0]).move(lambda _: silent(seconds))
    assert seconds == [3 * QUICK]


def silent(seconds: list[float]) -> int:
    seconds[0] += 3 * QUICK
    raise LineBroke("没有声音了")


def photos_there(county: CountyServer, desk: Desk, *digests: str) -> bool:
    device = ties(desk.store).device
    return all(county.get_blob(device, each, 0, 2 * len(PHOTO)) for each in digests)


def test_what_i_wrote_while_photos_went_up_was_there_before_the_next_part(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, _ = pair
    digests = [with_photo(first, content) for content in (PHOTO, PHOTO[::-1])]
    line = Busy(county, {2: first.person, 8: first.person})
    told: list[str] = []
    outcome = exchange(line, first.store, told.append)  # type: ignore[arg-type]
    assert line.log[:5] == ["text 4", "part", "part", "text 1", "part"]
    assert line.log[9:12] == ["part", "text 1", "part"]
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (6, True, 0)
    assert photos_there(county, first, *digests)
    assert [words for words in told if "照片" in words] == ["照片 1/2", "照片 1/2", "照片 2/2", "照片 2/2"]
    assert told[-1] == "已全部送到"


def test_what_i_wrote_while_photos_came_down_was_sent_before_the_next_part(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, second = pair
    digest = with_photo(first)
    first.exchange(county)
    line = Busy(county, {1: second.person, 3: second.person})
    outcome = second.exchange(line)
    assert line.log[:6] == ["text 0", "part", "text 1", "part", "part", "text 1"]
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (2, True, 0)
    assert second.store.blob(digest) == PHOTO


def test_what_i_wrote_while_the_last_part_went_up_does_not_wait_either(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, _ = pair
    with_photo(first, PHOTO[:5_000])
    line = Busy(county, {1: first.person})
    outcome = first.exchange(line)
    assert line.log == ["text 2", "part", "text 1"]
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (3, True, 0)


def test_a_visit_with_its_photo_that_i_finished_meanwhile_goes_with_this_exchange(
    county: CountyServer, pair: tuple[Desk, Desk]
) -> None:
    first, _ = pair
    later: list[str] = []
    digests = [with_photo(first)]
    line = Busy(county, {2: lambda: later.append(with_photo(first, PHOTO[::-1]))})
    outcome = first.exchange(line)
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (4, True, 0)
    assert photos_there(county, first, *digests, *later)


def test_over_a_line_too_what_i_write_overtakes_the_photos(
    county: CountyServer, joined_desk: Desk, lines: Callable[[Desk], HttpCounty]
) -> None:
    digest = with_photo(joined_desk)
    line = Busy(lines(joined_desk), {2: joined_desk.person})
    outcome = joined_desk.exchange(line)
    assert line.log[:5] == ["text 2", "part", "part", "text 1", "part"]
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (3, True, 0)
    assert photos_there(county, joined_desk, digest)


def test_a_save_that_the_county_does_not_take_holds_no_photo_up(
    county: CountyServer, pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = pair
    digest = with_photo(first)
    line = Busy(county, dict.fromkeys((1, 2), first.person))
    real = line.exchange

    def deaf(request: Request) -> Iterator[Page]:
        """To everything that is saved while photos go."""
        is_later = any("part" in each for each in line.log)
        yield from real(replace(request, units=()) if is_later else request)

    monkeypatch.setattr(line, "exchange", deaf)
    outcome = first.exchange(line)
    assert [each for each in line.log if "text" in each] == ["text 2", "text 0", "text 0"]
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting, pending(first.store)) == (2, False, 0, 2)
    assert photos_there(county, first, digest)


def test_a_save_that_the_county_refuses_holds_no_photo_up(county: CountyServer, pair: tuple[Desk, Desk]) -> None:
    first, _ = pair
    digest = with_photo(first)
    line = Busy(county, {1: lambda: first.person(org="530602001002")})
    outcome = first.exchange(line)
    assert [each for each in line.log if "text" in each] == ["text 2", "text 1"]
    assert (outcome.sent, outcome.rejections, outcome.photos_waiting) == (2, 1, 0)
    assert photos_there(county, first, digest)
