"""What the database really does to the disk: every write, truncation, sync and removal recorded, and made to fail.

Linux only, and only in a process of its own: the hooks stand under every connection of the process. The wheel of
sqlcipher3 exports ``sqlite3_vfs_find``, so ctypes can replace the system calls of the VFS and wrap the rest. Traps:
fsync is not among the replaceable system calls, hence the wrapped ``xSync``; the name given to ``xOpen`` must be
handed on as the pointer that came, since SQLite keeps it.
"""

from __future__ import annotations

import ctypes as c
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from random import Random
from typing import Any

SECTOR = 512
_IOERR_FSYNC = 10 | 4 << 8


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes handed to the operating system; nothing says yet that they will survive."""

    path: str
    at: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made shorter or longer."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """Everything written to the file before this survives a power cut."""

    path: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A file taken out of its folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The program told its user that something is kept."""

    number: int


Step = Wrote | Cut | Synced | Removed | Acknowledged


class _Vfs(c.Structure):
    pass


_VfsPointer = c.POINTER(_Vfs)
_SetCall = c.CFUNCTYPE(c.c_int, _VfsPointer, c.c_char_p, c.c_void_p)
_GetCall = c.CFUNCTYPE(c.c_void_p, _VfsPointer, c.c_char_p)
_Delete = c.CFUNCTYPE(c.c_int, _VfsPointer, c.c_char_p, c.c_int)
_Vfs._fields_ = [
    ("iVersion", c.c_int), ("szOsFile", c.c_int), ("mxPathname", c.c_int), ("pNext", c.c_void_p),
    ("zName", c.c_char_p), ("pAppData", c.c_void_p), ("xOpen", c.c_void_p), ("xDelete", c.c_void_p),
    *((name, c.c_void_p) for name in ("xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym", "xDlClose",
                                      "xRandomness", "xSleep", "xCurrentTime", "xGetLastError", "xCurrentTimeInt64")),
    ("xSetSystemCall", _SetCall), ("xGetSystemCall", _GetCall),
]  # fmt: skip


class _File(c.Structure):
    _fields_ = [("methods", c.c_void_p)]


_Open = c.CFUNCTYPE(c.c_int, _VfsPointer, c.c_void_p, c.POINTER(_File), c.c_int, c.POINTER(c.c_int))
_Sync = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_int)
# use_errno: what a replaced call leaves in errno is what SQLite reads there.
_OpenCall = c.CFUNCTYPE(c.c_int, c.c_char_p, c.c_int, c.c_int, use_errno=True)
_Pwrite = c.CFUNCTYPE(c.c_ssize_t, c.c_int, c.c_void_p, c.c_size_t, c.c_int64, use_errno=True)
_Truncate = c.CFUNCTYPE(c.c_int, c.c_int, c.c_int64, use_errno=True)


@dataclass
class Fault:
    """Which call fails, with what, and whether all later ones fail too. ``happened`` says whether it came to that."""

    number: int
    code: int
    for_ever: bool = False
    happened: bool = False


@dataclass
class Disk:
    """The recorded disk of this process. Install it before the first connection is opened."""

    steps: list[Step] = field(default_factory=list)
    recording: bool = False
    fault: Fault | None = None
    calls: int = 0
    read_only: bool = False
    _kept: list[Any] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)
    _methods: dict[int, int] = field(default_factory=dict)

    def install(self) -> Disk:
        """Stand between SQLite and the operating system, for the rest of the process."""
        from sqlcipher3 import _sqlite3

        library = c.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = _VfsPointer
        vfs = library.sqlite3_vfs_find(None)
        for name in (b"pwrite", b"pwrite64"):
            self._replace(vfs, name, _Pwrite, self._pwrite)
        self._replace(vfs, b"ftruncate", _Truncate, self._ftruncate)
        self._replace(vfs, b"open", _OpenCall, self._open_call)
        self._wrap_open(vfs)
        self._wrap_delete(vfs)
        return self

    def arm(self, fault: Fault) -> None:
        """From now on calls are counted, and this one fails."""
        self.fault, self.calls = fault, 0

    def disarm(self) -> None:
        """The disk is well again."""
        self.fault, self.read_only = None, False

    def acknowledge(self, number: int) -> None:
        """Write down what the program just promised."""
        self.steps.append(Acknowledged(number))

    def _fails(self) -> int:
        """The errno with which the present call fails, or 0."""
        self.calls += 1
        fault = self.fault
        if fault is None or self.calls < fault.number or (self.calls > fault.number and not fault.for_ever):
            return 0
        fault.happened = True
        return fault.code

    def _replace(self, vfs: Any, name: bytes, kind: Any, made: Callable[[Any], Any]) -> None:
        old = vfs.contents.xGetSystemCall(vfs, name)
        if not old:
            return
        call = kind(made(kind(old)))
        self._kept.append(call)
        if vfs.contents.xSetSystemCall(vfs, name, c.cast(call, c.c_void_p)):
            raise OSError(f"{name!r} cannot be replaced")

    def _pwrite(self, real: Any) -> Callable[[int, int, int, int], int]:
        def pwrite(handle: int, content: int, size: int, at: int) -> int:
            if code := self._fails():
                c.set_errno(code)
                return -1
            if self.recording:
                self.steps.append(Wrote(_path(handle), at, c.string_at(content, size)))
            return int(real(handle, content, size, at))

        return pwrite

    def _ftruncate(self, real: Any) -> Callable[[int, int], int]:
        def ftruncate(handle: int, size: int) -> int:
            if code := self._fails():
                c.set_errno(code)
                return -1
            if self.recording:
                self.steps.append(Cut(_path(handle), size))
            return int(real(handle, size))

        return ftruncate

    def _open_call(self, real: Any) -> Callable[[bytes, int, int], int]:
        def open_(path: bytes, flags: int, mode: int) -> int:
            if self.read_only and flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
                c.set_errno(errno.EROFS)
                return -1
            return int(real(path, flags, mode))

        return open_

    def _wrap_open(self, vfs: Any) -> None:
        real = c.cast(vfs.contents.xOpen, _Open)

        def opened(own: Any, name: int | None, file: Any, flags: int, out: Any) -> int:
            result = int(real(own, name, file, flags, out))
            if result == 0 and file.contents.methods and name:
                self._names[c.addressof(file.contents)] = c.string_at(name).decode()
                file.contents.methods = self._with_sync(file.contents.methods)
            return result

        call = _Open(opened)
        self._kept.append(call)
        vfs.contents.xOpen = c.cast(call, c.c_void_p)

    def _with_sync(self, methods: int) -> int:
        """The same methods of a file, with our ``xSync`` (the sixth) in place of SQLite's."""
        if methods not in self._methods:
            table = (c.c_void_p * 19)(*(c.c_void_p * 19).from_address(methods))
            real = c.cast(table[5] or 0, _Sync)

            def sync(file: int, flags: int) -> int:
                if self._fails():
                    return _IOERR_FSYNC
                result = int(real(file, flags))
                if self.recording:
                    self.steps.append(Synced(self._names[file]))
                return result

            call = _Sync(sync)
            self._kept += [call, table]
            table[5] = c.cast(call, c.c_void_p).value
            self._methods[methods] = c.addressof(table)
            self._methods[c.addressof(table)] = c.addressof(table)
        return self._methods[methods]

    def _wrap_delete(self, vfs: Any) -> None:
        real = c.cast(vfs.contents.xDelete, _Delete)

        def delete(own: Any, name: bytes, sync_folder: int) -> int:
            result = int(real(own, name, sync_folder))
            if self.recording and result == 0:
                self.steps.append(Removed(name.decode()))
            return result

        call = _Delete(delete)
        self._kept.append(call)
        vfs.contents.xDelete = c.cast(call, c.c_void_p)


def _path(handle: int) -> str:
    return str(Path(f"/proc/self/fd/{handle}").readlink())


@dataclass
class _Lying:
    """One file as it lies on the disk: what survives for certain, and what is still on its way."""

    content: bytearray | None
    pending: list[Wrote | Cut | Removed] = field(default_factory=list)

    def settle(self) -> None:
        for step in self.pending:
            self.content = applied(self.content, step)
        self.pending = []


@dataclass
class Outage:
    """What the power leaves when it goes: promises made, writes that did not arrive whole, files."""

    acknowledged: int
    lost: int
    files: dict[str, bytearray]

    def mark(self) -> bytes:
        """The same for outages that leave the same disk after the same promises."""
        told = sha1(str(self.acknowledged).encode(), usedforsecurity=False)
        for name, content in sorted(self.files.items()):
            told.update(name.encode())
            told.update(content)
        return told.digest()

    def write(self, into: Path) -> None:
        """Lay the files down, to be found as after a power cut."""
        for name, content in self.files.items():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


@dataclass
class Replay:
    """Walks along the recorded steps; at any place the power can be cut, in many ways."""

    folder: Path
    steps: list[Step]
    before: dict[str, bytes]
    acknowledged: int = -1
    _at: int = 0
    _files: dict[str, _Lying] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = {path: _Lying(bytearray(content)) for path, content in self.before.items()}

    def walk_to(self, place: int) -> None:
        """Let the disk live until just before this step; places only grow."""
        for step in self.steps[self._at : place]:
            self._live(step)
        self._at = place

    def _live(self, step: Step) -> None:
        if isinstance(step, Acknowledged):
            self.acknowledged = step.number
            return
        lying = self._files.setdefault(step.path, _Lying(None))
        if isinstance(step, Synced):
            lying.settle()
            self._settle_removals()
            return
        if lying.pending and isinstance(lying.pending[-1], Removed):
            lying.content, lying.pending = None, []  # a new file of the same name cannot appear in the old one
        lying.pending.append(step)

    def _settle_removals(self) -> None:
        """Journalling file systems (ext4, NTFS) keep the order of folders: a later sync makes a removal certain."""
        for lying in self._files.values():
            if lying.pending and isinstance(lying.pending[-1], Removed):
                lying.settle()

    def cut(self, chance: Random) -> Outage:
        """The files as one power cut might leave them: unsynced writes kept, lost, torn or out of order."""
        lost, files = 0, {}
        for path, lying in self._files.items():
            content, gone = _survived(lying, chance)
            lost += gone
            if content is not None:
                files[str(Path(path).relative_to(self.folder))] = content
        return Outage(self.acknowledged, lost, files)


def _survived(lying: _Lying, chance: Random) -> tuple[bytearray | None, int]:
    content = None if lying.content is None else bytearray(lying.content)
    way = chance.choice(("all", "none", "some", "torn", "prefix"))
    stop = chance.randrange(len(lying.pending) + 1) if way == "prefix" else len(lying.pending)
    lost = 0
    for place, step in enumerate(lying.pending):
        if way == "none" or place >= stop or (way == "some" and chance.random() < 0.5):
            lost += 1
        elif way == "torn":
            content = applied(content, step, chance)
            lost += 1
        else:
            content = applied(content, step)
    return content, lost


def applied(content: bytearray | None, step: Wrote | Cut | Removed, torn: Random | None = None) -> bytearray | None:
    """The file after a step; ``torn`` loses every other sector of a write by chance."""
    if isinstance(step, Removed):
        return None
    content = bytearray() if content is None else content
    if isinstance(step, Cut):
        del content[step.size :]
        content.extend(bytes(step.size - len(content)))
        return content
    for at, part in _parts(step, torn):
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(part)] = part
    return content


def _parts(step: Wrote, torn: Random | None) -> Iterator[tuple[int, bytes]]:
    if torn is None:
        yield step.at, step.content
        return
    for start in range(0, len(step.content), SECTOR):
        if torn.random() < 0.5:
            yield step.at + start, step.content[start : start + SECTOR]
