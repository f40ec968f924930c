"""Making, opening and closing a workspace: folder, lock, key, file, migrations, in this order."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import Clock, SystemClock
from app.errors import FolderNotWritable, FolderUnsafe, StoreDamaged, StoreTooNew, UserError, WorkspaceExists
from app.paths import cloud_folder
from app.records.ids import new_id
from app.store import roll, vault
from app.store.attachments import BlobFolder
from app.store.connection import connect, plain_errors
from app.store.erasing import forget_gone, gone_photos
from app.store.learning import take_in
from app.store.lock import WorkspaceLock
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import DIVISIONS, Holder, Post
from app.store.roll import Planner, nobody_due

if TYPE_CHECKING:
    from sqlite_utils import Database

FILE = "shouwang.db"
UNFINISHED = FILE + ".new"
"""A store is made under this name, then gets its keys, then its own name: a power cut leaves no half of one."""
COPIES = "before-upgrade"
ROLL = "roll"
"""The setting that says which rules the roll was made from; empty: it is to be made anew."""


class Workspace(Store):
    """An open workspace: the store, whose post it is, and who opened it."""

    def __init__(
        self, folder: Path, key: bytes, db: Database, lock: WorkspaceLock, clock: Clock, planner: Planner
    ) -> None:
        super().__init__(db, clock, planner)
        self.folder = folder
        self.blobs = BlobFolder(folder / "attachments", key)
        self._key = key
        self._lock = lock
        self.post = Post(**self.setting("post"))
        self.holder = Holder("", "")

    @property
    def divisions(self) -> tuple[str, ...]:
        """What the post looks after: its own division, or what the county has granted since; none after it left."""
        granted = self.setting(DIVISIONS)
        return (self.post.org,) if granted is None else tuple(granted)

    def attach_blob(self, content: bytes) -> str:
        """Keep a photo's or paper's bytes and queue them for the county; gives their SHA-256. Raises DiskFull."""
        digest = self.blobs.put(content)
        with self._writing() as db:
            db.conn.execute("INSERT OR IGNORE INTO transfer VALUES (?, 'up', 0, ?)", (digest, len(content)))
        return digest

    def blob(self, digest: str) -> bytes:
        """The bytes of an attachment. Raises NotFound when they have not arrived, StoreDamaged when changed."""
        return self.blobs.get(digest)

    def has_blob(self, digest: str) -> bool:
        """Whether the bytes are on this laptop."""
        return self.blobs.has(digest)

    def learn(self) -> None:
        """After an upgrade: what an older program carried without knowing it becomes records and fields."""
        with self._writing() as db:
            roll.refresh(db, take_in(db), self._planner)

    def drop_gone_blobs(self) -> None:
        """Take away the files of photos that the county emptied out of its bin."""
        with self._writing() as db:
            photos = gone_photos(db)
            for digest in photos:
                self.blobs.drop(digest)
            forget_gone(db, photos)

    @contextmanager
    def settled(self) -> Iterator[Database]:
        """The file alone and whole, for a copy or a check: what is still in the log has no seal in the file yet."""
        with self._reading() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            yield db

    def opened_copy(self, path: Path) -> Database:
        """A copy of the file, which this workspace's key opens. Raises StoreDamaged."""
        return connect(path, self._key)

    def reader(self) -> Reader:
        """A second connection that only reads, for another thread."""
        return Reader(connect(self.folder / FILE, self._key, read_only=True))

    def holders(self) -> list[Holder]:
        """The persons who hold keys, by name."""
        with self._reading() as db:
            return [Holder(*row) for row in db.execute("SELECT id, name FROM holder ORDER BY added_at")]

    def add_holder(self, name: str, passphrase: str) -> Holder:
        """Give one more person a key of their own. Raises WeakPassphrase."""
        vault.refuse_weak(passphrase)
        holder = Holder(new_id(), _person_name(name))
        self._remember(holder)  # first: a key without a name would work in another's name
        vault.add_holder(self.folder, self._key, holder.id, passphrase)
        return holder

    def change_passphrase(self, passphrase: str) -> None:
        """A new passphrase for whoever opened the workspace. Raises WeakPassphrase."""
        vault.add_holder(self.folder, self._key, self.holder.id, passphrase)

    def renew_recovery_code(self) -> str:
        """A new recovery code; the old one opens nothing any more."""
        return vault.renew_recovery_code(self.folder, self._key)

    def _remember(self, holder: Holder) -> None:
        with self._writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO holder VALUES (?, ?, ?)", [holder.id, holder.name, self.clock.now().isoformat()]
            )

    def close(self) -> None:
        """Fold the log into the file, drop the key, let the next one in."""
        with self._turn:
            if not self._key:
                return
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            super().close()
            self._key = b""
            self._lock.release()


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    """A workspace just made, and the recovery code that is shown once."""

    store: Workspace
    recovery_code: str


def create_store(
    folder: Path,
    passphrase: str,
    *,
    post: Post,
    holder_name: str,
    kind: str = "real",
    clock: Clock | None = None,
    planner: Planner = nobody_due,
) -> NewWorkspace:
    """Make a workspace in an empty or new folder; ``kind`` is "real" or "practice" and never changes.

    Raises WorkspaceExists, FolderUnsafe, FolderNotWritable, WeakPassphrase, DiskFull; nothing is left behind then.
    """
    vault.refuse_weak(passphrase)
    holder = Holder(new_id(), _person_name(holder_name))
    _refuse_unsafe(folder)
    clock = clock or SystemClock()
    with ExitStack() as undo:
        lock = _locked(folder)
        undo.callback(lock.release)
        _refuse_existing(folder)  # again: another may have made one before it was our turn
        undo.callback(_clear, folder, FILE, vault.FILE)
        key = vault.new_key()
        _make_file(folder, key, post, kind, holder, clock)
        code = vault.create(folder, key, holder.id, passphrase)
        _finish_file(folder)
        workspace = _opened(folder, key, lock, clock, planner)
        undo.pop_all()
    workspace.holder = holder
    return NewWorkspace(workspace, code)


def _make_file(folder: Path, key: bytes, post: Post, kind: str, holder: Holder, clock: Clock) -> None:
    """The encrypted file with its tables, whose post it is and who holds the first key, under its first name."""
    _clear(folder, UNFINISHED)
    try:
        db = connect(folder / UNFINISHED, key)
        try:
            _migrate(folder, db, key)
            with plain_errors(), db.atomic():
                db.conn.execute("INSERT INTO setting VALUES ('post', ?)", (_post_text(post),))
                db.conn.execute("INSERT INTO setting VALUES ('kind', ?)", (json.dumps(kind),))
                told = (holder.id, holder.name, clock.now().isoformat())
                db.conn.execute("INSERT INTO holder VALUES (?, ?, ?)", told)
            with plain_errors():
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.conn.close()
    except BaseException:
        _clear(folder, UNFINISHED)
        raise


def _finish_file(folder: Path) -> None:
    """Give a file that was made to the end its name; also for a creation that was cut off before."""
    if (folder / UNFINISHED).exists() and not (folder / FILE).exists():
        with plain_errors():
            (folder / UNFINISHED).rename(folder / FILE)


def _clear(folder: Path, *names: str) -> None:
    for name in names:
        for ending in ("", "-wal", "-shm"):
            (folder / (name + ending)).unlink(missing_ok=True)


def open_store(
    folder: Path,
    secret: str,
    *,
    clock: Clock | None = None,
    planner: Planner = nobody_due,
    tell: Callable[[str], None] = lambda words: None,
) -> Workspace:
    """Open a workspace with a passphrase or the recovery code.

    Raises WorkspaceMissing, WrongPassphrase, TooManyTries, WorkspaceInUse, StoreTooNew, StoreDamaged,
    FolderNotWritable.
    """
    _refuse_unsafe(folder)
    key, holder_id = vault.unlock(folder, secret)
    with ExitStack() as undo:
        lock = WorkspaceLock(folder)
        undo.callback(lock.release)
        _finish_file(folder)
        workspace = _opened(folder, key, lock, clock or SystemClock(), planner, tell)
        workspace.holder = _holder(workspace, holder_id)
        undo.pop_all()
    return workspace


def _opened(
    folder: Path, key: bytes, lock: WorkspaceLock, clock: Clock, planner: Planner,
    tell: Callable[[str], None] = lambda words: None,
) -> Workspace:  # fmt: skip
    """The workspace of a folder that is locked already. An absent file is never made anew: it held people."""
    if not (folder / FILE).exists() or (folder / FILE).stat().st_size == 0:
        raise StoreDamaged("资料文件不见了，或者是空的；没有动别的文件。", advice="请找一找它，或用最近的备份恢复。")
    db = connect(folder / FILE, key)
    try:
        is_older = _migrate(folder, db, key, tell)
        workspace = Workspace(folder, key, db, lock, clock, planner)
        if is_older:
            workspace.learn()
        _bring_roll_up(workspace, planner)
        return workspace
    except BaseException:
        db.conn.close()
        raise


def _bring_roll_up(workspace: Workspace, planner: Planner) -> None:
    """A newer program may have newer rules: every due date is made anew, once."""
    made_from = getattr(planner, "made_from", "")
    if made_from and workspace.setting(ROLL) != made_from:
        workspace.rebuild()
        workspace.set_setting(ROLL, made_from)


def _holder(workspace: Workspace, holder_id: str) -> Holder:
    """Who opened it; the recovery code stands for the first holder."""
    holders = workspace.holders()
    return next((holder for holder in holders if holder.id == holder_id), holders[0])


def _migrate(folder: Path, db: Database, key: bytes, tell: Callable[[str], None] = lambda words: None) -> bool:
    """Bring the file up to date, each step in a transaction, after an encrypted copy was made and read back.

    Gives whether an older program has written it.
    """
    from app.store.migrations import STEPS, migrations

    with plain_errors():
        applied = {step.name for step in migrations.applied(db)}
        if applied - {*STEPS}:
            raise StoreTooNew("资料是用更新版本的守望写的，没有动它。", advice="请先升级守望再打开。")
        pending = [step.name for step in migrations.pending(db)]
        if applied and pending:
            tell("正在升级资料，先做一份备份……")
            _copy_before(folder, db, key, pending[0])
        if pending:
            migrations.apply(db)
        return bool(applied and pending)


def _copy_before(folder: Path, db: Database, key: bytes, step: str) -> None:
    """An encrypted copy, read through before it gets its name. Raises StoreDamaged, DiskFull; nothing was changed."""
    copies = folder / COPIES
    copies.mkdir(exist_ok=True)
    beside = copies / f"{step}.new"
    beside.unlink(missing_ok=True)
    db.execute("VACUUM INTO ?", [str(beside)])
    copied = connect(beside, key)
    try:
        if copied.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise StoreDamaged("没有升级，资料没有动。升级前的备份读不回来。", advice="请检查硬盘，再打开一次。")
    finally:
        copied.conn.close()
    beside.replace(copies / f"{step}.db")


def _post_text(post: Post) -> str:
    return json.dumps(asdict(post), ensure_ascii=False)


def _person_name(name: str) -> str:
    tidy = name.strip()
    if not tidy or len(tidy) > 50 or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in tidy):
        raise UserError("还没有新建。请填使用人的姓名（最多 50 个字）。")
    return tidy


def _refuse_unsafe(folder: Path) -> None:
    if cloud := cloud_folder(folder):
        raise FolderUnsafe(
            f"没有动任何资料。「{cloud}」是网盘或网络文件夹，资料放在里面会损坏。", advice="请放到本机的普通文件夹。"
        )


def _locked(folder: Path) -> WorkspaceLock:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):  # a name that is too long, or no name
        raise FolderNotWritable(f"没有新建。文件夹「{folder}」不能写。", advice="请换一个文件夹。") from None
    _refuse_existing(folder)
    return WorkspaceLock(folder)


def _refuse_existing(folder: Path) -> None:
    if (folder / vault.FILE).exists() or (folder / FILE).exists():
        raise WorkspaceExists(f"没有新建。「{folder}」里已经有一份资料。", advice="请直接打开它，或换一个空文件夹。")
