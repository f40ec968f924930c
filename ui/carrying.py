"""A stick with the files of several villages: a station carries them to the county, each desk finds its own answer.

The station can read none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import Cancelled, CountyRefused, CountyUnreachable, UserError
from ui import stick
from ui.words import tr

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome
    from ui.exchanging import Said

CARRIED = "exchange.carried"
KEPT = 300
MOST_FILES = 2_000
ANSWERED = "_回执"
"""The end of an answer's name, so that whoever looks at the stick sees which file belongs to which."""
FATES = {
    "taken": "县里收下了，回执写在旁边",
    "before": "以前送过了，回执在旁边",
    "unopened": "在路上坏了，打不开。请那个村重新存一次",
    "elsewhere": "不是给这个县的，没有送",
    "stranger": "写这个文件的电脑，县里不认识或已停用。请那个村和县里联系",
    "unwritten": "县里收下了，回执写不进 U 盘。换个 U 盘再来一次",
    "unread": "这个文件读不出来。请拔下 U 盘再插一次",
    "not_now": "还没送：线路断了。有网时再点一次，接着送",
}
"""What became of a file, in words."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One file of a stick and what became of it."""

    file: str
    fate: str

    @property
    def words(self) -> str:
        """For the list."""
        return tr(FATES.get(self.fate, self.fate))


def carry_all(store: Workspace, folder: Path, said: Said) -> list[Carried]:
    """Take every village's file in a folder to the county and write each answer beside it.

    A line that breaks leaves the rest for the next time. Raises UserError when no such file is there, CountyRefused
    when the county does not know this station itself.
    """
    from sync.client import carrying
    from sync.client.http import HttpCounty
    from sync.client.stopping import waited
    from sync.parcel import ASKING

    files = list(_parcels(folder, ASKING))
    if not files:
        raise UserError(
            tr("没有送什么。这里没有村里存的文件。"), advice=tr("请选插着的 U 盘；村里的文件以 .swp 结尾。")
        )
    county = HttpCounty.of(store)

    def carry(content: bytes) -> bytes:
        return waited(lambda: carrying.carry(county, store, content), lambda: said.stopped)

    known = {line["sha"] for line in store.setting(CARRIED, []) if line["fate"] in ("taken", "before")}
    done: list[Carried] = []
    try:
        for number, file in enumerate(files, 1):
            is_over = said.stopped or (bool(done) and done[-1].fate == "not_now")
            if not is_over:
                said.tell(number, len(files), tr("正在捎带 {file}", file=file.stem))
            digest, fate = ("", "not_now") if is_over else _carry(carry, file, known)
            done.append(Carried(file.stem, fate))
            _remember(store, done[-1], digest)
    finally:
        county.close()
    return done


def _carry(carry: Callable[[bytes], bytes], file: Path, known: set[str]) -> tuple[str, str]:
    """Its digest, and what became of one file. Raises CountyRefused when it is the station that is not known."""
    from sync.parcel import NOT_FOR_US, NOT_OPENED, NOT_WELCOME

    try:
        content = stick.read_file(file)
    except UserError:
        return "", "unread"
    digest, back = sha256(content).hexdigest(), file.with_name(file.stem + ANSWERED + stick.SUFFIX)
    if digest in known and back.exists():
        return digest, "before"
    try:
        answer = carry(content)
    except (CountyUnreachable, Cancelled):
        return digest, "not_now"
    except CountyRefused as refusal:
        fates = {NOT_OPENED: "unopened", NOT_WELCOME: "stranger", NOT_FOR_US: "elsewhere"}
        if refusal.code not in fates:
            raise
        return digest, fates[refusal.code]
    try:
        stick.write_file(back, answer)
    except UserError:
        return digest, "unwritten"
    return digest, "taken"


def _remember(store: Workspace, carried: Carried, digest: str) -> None:
    line = {"at": store.clock.now().isoformat(), "file": carried.file, "fate": carried.fate, "sha": digest}
    before = [each for each in store.setting(CARRIED, []) if each["file"] != carried.file]
    store.set_setting(CARRIED, [line, *before][:KEPT])


def carried_before(store: Any) -> tuple[Carried, ...]:
    """What this station carried lately, the last first."""
    return tuple(Carried(line["file"], line["fate"]) for line in store.setting(CARRIED, []))


def read_answers(store: Workspace, place: Path) -> Outcome:
    """Read what is for this desk from one file, or from all the answers in a folder, whoever they are for.

    Raises UserError when nothing there is for this desk; nothing has changed then. Raises ProgramTooOld when the last
    of them says so.
    """
    from sync.client.parcel import ParcelRefused, unpack
    from sync.parcel import ANSWER, NOT_FOR_US
    from sync.protocol import ProgramTooOld

    if not place.is_dir():
        return unpack(store, stick.read_file(place))
    read: list[Outcome] = []
    damaged: ParcelRefused | None = None
    too_old: ProgramTooOld | None = None
    files = sorted(_parcels(place, ANSWER), key=lambda file: file.stat().st_mtime)
    for file in files:
        try:
            read.append(unpack(store, stick.read_file(file)))
            too_old = None
        except ProgramTooOld as refused:
            too_old = refused  # what it acknowledges is written down
        except ParcelRefused as refused:
            damaged = damaged if refused.code == NOT_FOR_US else refused  # another desk's are let be
    if too_old is not None:
        raise too_old
    if not read and damaged is not None:
        raise damaged
    if not read:
        told = tr("有 {n} 个回执，都不是给这台电脑的。", n=len(files)) if files else tr("这里没有回执。")
        raise UserError(
            tr("没有读入，什么都没有改动。") + told, advice=tr("请选插着的 U 盘，或问捎带的人回执放在哪里。")
        )
    return _together(read)


def _together(read: Sequence[Outcome]) -> Outcome:
    """Several answers as one."""
    last = read[-1]
    names = ("sent", "received", "conflicts", "rejections", "gone", "bytes_down", "seconds")
    changes, moved = last.changes, last.moved
    for each in read[:-1]:
        changes, moved = changes | each.changes, each.moved + moved
    sums = {name: sum(getattr(each, name) for each in read) for name in names}
    return replace(last, changes=changes, moved=moved, **sums)


def _parcels(folder: Path, kind: bytes) -> Iterator[Path]:
    """Files of one kind in a folder and in those directly below it, by name."""
    try:
        found = sorted([*folder.glob("*" + stick.SUFFIX), *folder.glob("*/*" + stick.SUFFIX)])[:MOST_FILES]
    except OSError:
        return
    for file in found:
        if stick.begins_with(file, kind):
            yield file
