"""Where it lies: an encrypted store on the laptop.

``from app.store import create_store, open_store`` loads the database libraries; importing the results alone does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.store.listing import DueLine, Listing, ListLine, ListQuery
from app.store.results import AuditEntry, Author, Change, Changes, Draft, Holder, PersonHit, Post, Undone

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.repository import Store
    from app.store.workspace import NewWorkspace, Workspace, create_store, open_store

__all__ = [
    "AuditEntry", "Author", "Change", "Changes", "Draft", "DueLine", "Holder", "ListLine", "ListQuery", "Listing",
    "NewWorkspace", "PersonHit", "Post", "Reader", "Store", "Undone", "Workspace", "create_store", "open_store",
]  # fmt: skip

_LATER = {
    "NewWorkspace": "app.store.workspace",
    "Reader": "app.store.reader",
    "Store": "app.store.repository",
    "Workspace": "app.store.workspace",
    "create_store": "app.store.workspace",
    "open_store": "app.store.workspace",
}


def __getattr__(name: str) -> object:
    """The parts that load the database library, when they are first asked for: the unlock window needs none."""
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(name)
