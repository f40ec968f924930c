"""Excel out as values: of whom, which columns, into which file; and the county's own table filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.cases.exports import export_rows
from app.exchange.headings import targets
from app.exchange.layouts import DEFAULT_COLUMNS, Layout, layout_of
from app.policy.access import Actor
from app.records import Child, Elder
from app.store.listing import ListQuery
from app.store.reader import Reader
from app.store.workspace import Workspace
from ui.models.import_flow import MAPPINGS
from ui.models.register_filter import KINDS, RegisterFilter
from ui.words import tr

if TYPE_CHECKING:
    from app.exchange.filling import Filled

LAYOUTS = "export.layouts"
USUAL = "常用"
CHOSEN, FILTERED, EVERYBODY = "chosen", "filtered", "everybody"


@dataclass(frozen=True, slots=True)
class Whom:
    """Whose rows: people who were chosen, those that the register shows now, or everybody of a kind."""

    kind: str = "child"
    source: str = EVERYBODY
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people each source has, by kind, and the sentence of the register's filter."""

    chosen: Mapping[str, int]
    filtered: int
    filtered_kind: str
    sentence: str
    everybody: Mapping[str, int]


def counts(reader: Reader, ids: Sequence[str], today: date) -> Counts:
    """What there is to choose from."""
    kept = _filter(reader)
    by_kind = {"child": len(reader.many(Child, ids)), "elder": len(reader.many(Elder, ids))}
    found = len(reader.listing(kept.query(today))) if kept.kind in by_kind else 0
    everybody = {kind: len(reader.listing(ListQuery(kind))) for kind in by_kind}
    return Counts(by_kind, found, kept.kind, kept.sentence(found) if found else "", everybody)


def _filter(reader: Reader) -> RegisterFilter:
    """What the register shows now."""
    return RegisterFilter.from_json(reader.setting("register", {}).get("filter", {}))


def ids_of(reader: Reader, whom: Whom, today: date) -> list[str]:
    """The people, in the order of the register, or as they were chosen."""
    if whom.source == CHOSEN:
        own = reader.many(Child if whom.kind == "child" else Elder, whom.ids)
        return [id_ for id_ in whom.ids if id_ in own]
    if whom.source == FILTERED:
        return reader.listing(_filter(reader).query(today)).ids()
    return reader.listing(ListQuery(whom.kind)).ids()


def export(store: Workspace, actor: Actor, whom: Whom, layout: Layout, path: Path, today: date) -> int:
    """Write the people into a file; gives how many. Raises NotAllowed, NotWritten."""
    from app.exchange.writing import write_people

    rows = export_rows(store, actor, whom.kind, ids_of(store, whom, today))
    count = write_people(path, layout, rows, today, title_of(store, whom))
    store.audit(actor, "export", kind=whom.kind, rows=count)
    return count


def fill(
    store: Workspace, actor: Actor, whom: Whom, mapping: Mapping[str, Sequence[str]], blank: Path, path: Path,
    today: date,
) -> Filled:  # fmt: skip
    """The county's blank table comes back filled; what its columns mean is remembered. Raises as app.exchange does."""
    from app.exchange.filling import fill as fill_in

    rows = export_rows(store, actor, whom.kind, ids_of(store, whom, today))
    filled = fill_in(blank, path, rows, today, kind=whom.kind, remembered=mapping)
    confirmed = {f"{whom.kind}:{name}": list(told) for name, told in mapping.items()}
    store.set_setting(MAPPINGS, {**store.setting(MAPPINGS, {}), **confirmed})
    store.audit(actor, "fill", kind=whom.kind, rows=filled.rows)
    return filled


def title_of(store: Workspace, whom: Whom) -> str:
    """What stands over the list."""
    return tr("{unit}{kind}名单", unit=store.post.name, kind=KINDS[whom.kind])


# Layouts


def layouts(reader: Reader, kind: str) -> list[Layout]:
    """The usual columns, then those that the user has kept."""
    kept = [Layout.from_json(found) for found in reader.setting(LAYOUTS, []) if found["kind"] == kind]
    return [layout_of(kind, name=USUAL), *kept]


def keep_layout(store: Workspace, layout: Layout) -> None:
    """Keep a layout under its name, in place of one of the same name."""
    others = [found for found in store.setting(LAYOUTS, []) if (found["kind"], found["name"]) != _key(layout)]
    store.set_setting(LAYOUTS, [*others, layout.to_json()])


def drop_layout(store: Workspace, layout: Layout) -> None:
    """Forget a layout."""
    others = [found for found in store.setting(LAYOUTS, []) if (found["kind"], found["name"]) != _key(layout)]
    store.set_setting(LAYOUTS, others)


def _key(layout: Layout) -> tuple[str, str]:
    return layout.kind, layout.name


def columns(kind: str, chosen: Sequence[str]) -> list[tuple[str, str, bool]]:
    """(target, label, chosen) of every column: the chosen in their order, then the rest."""
    labels = {target: label.replace("家庭家庭", "家庭") for target, label in targets(kind).items()}
    first = [target for target in chosen or DEFAULT_COLUMNS[kind] if target in labels]
    rest = [target for target in labels if target not in first]
    return [(target, labels[target], target in first) for target in (*first, *rest)]
