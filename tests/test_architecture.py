"""Who may know whom, as one readable table, held against every import in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOOR = ("app.errors", "app.paths", "app.settings", "app.clock")

# room → the rooms it may import beside itself, the floor, and what Python and the wheel bring.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "app.records": (),
    "app.policy": ("app.records",),
    "app.store": ("app.records",),
    "app.paper": ("app.records",),
    "app.exchange": ("app.records",),
    "app.cases": ("app.records", "app.policy", "app.store"),
    "app.training": ("app",),
    "sync": ("app.records",),
    "sync.client": ("sync", "app.records", "app.store.changes"),
    "sync.server": ("sync", "app.records", "app.policy"),
    "ui": ("app", "sync", "sync.client"),
    "ui.cli": ("app", "ui", "sync", "sync.client", "sync.server"),
    "ui.commands": ("app", "ui", "sync", "sync.client", "sync.server"),
    "ui.demo": ("app", "ui", "sync", "sync.client", "sync.server"),
    "ui.selftest": ("app", "ui", "sync", "sync.client", "sync.server"),
}
# library → the only places that may import it.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "PySide6": ("ui",),
    "shiboken6": ("ui",),
    "reportlab": ("app.paper",),
    "requests": ("sync.client.http",),
    "sqlite_utils": ("app.store",),
    "sqlcipher3": ("app.store", "sync.server"),
    "sqlalchemy": ("sync.server",),
    "psycopg": ("sync.server.database",),
    "starlette": ("sync.server",),
    "uvicorn": ("sync.server",),
}


def modules() -> Iterator[tuple[str, Path]]:
    for room in ("app", "ui", "sync"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    """Every module a file names in an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            if node.module in ("app", "ui", "sync", "sync.client", "sync.server"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def room_of(name: str) -> str | None:
    """The narrowest room of the table that a module stands in; None for the floor."""
    return max((room for room in MAY_IMPORT if inside(name, room)), key=len, default=None)


def may(room: str | None, found: str) -> bool:
    """Whether a module of a room may import this; ``sync`` means the files that client and server share."""
    if found in ("app", "ui", "sync") or room_of(found) == room or any(inside(found, floor) for floor in FLOOR):
        return True
    if (room or "").startswith("ui") and inside(found, "ui"):
        return True
    places = MAY_IMPORT[room] if room else ()
    return any(room_of(found) == "sync" if place == "sync" else inside(found, place) for place in places)


@pytest.mark.parametrize("name, path", [pytest.param(*found, id=found[0]) for found in modules()])
def test_every_room_imports_only_what_it_may(name: str, path: Path) -> None:
    strangers = [found for found in imports(path) if found.split(".")[0] in ("app", "ui", "sync")]
    assert [found for found in strangers if not may(room_of(name), found)] == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_every_library_stays_in_its_room(library: str) -> None:
    for name, path in modules():
        if any(inside(found, library) for found in imports(path)):
            assert any(inside(name, room) for room in ONLY_IN[library]), f"{name} imports {library}"


def test_client_and_server_never_meet() -> None:
    for name, path in modules():
        for found in imports(path):
            assert not (inside(name, "sync.client") and inside(found, "sync.server")), name
            assert not (inside(name, "sync.server") and inside(found, "sync.client")), name


def test_the_exchange_leaves_the_tables_to_the_store() -> None:
    for name, path in modules():
        if inside(name, "sync.client") or inside(name, "ui"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            assert not used & {"db", "_db", "conn"}, name


def test_the_core_knows_neither_the_window_nor_the_network() -> None:
    for name, path in modules():
        if inside(name, "app"):
            assert not any(inside(found, room) for found in imports(path) for room in ("ui", "sync")), name


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, path in modules() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []
