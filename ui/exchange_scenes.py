"""收发 as it looks when somebody is needed, when something waits or has not come, and when people have moved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.records import Person
    from app.store.workspace import Workspace
    from ui.pages.exchange import ExchangePage
    from ui.windows.main import Desk

EVERYTHING = 1_000_000


def difference(desk: Desk) -> None:
    """Two people have changed the same address."""
    from app.records import Conflict

    store, child = _joined(desk), _child(desk)
    now = desk.context.clock.now()
    # What stands is what the record says.
    store.save(store.holder, (child, replace(child, current_division=None, current_address="镇上小学旁")))
    before, other, mine = ({"current_address": address} for address in ("二组 5 号", "镇上小学旁", "二组 7 号"))
    conflict = Conflict(
        subject=child.id, about_type="person", about=child.id, part="current_place", state="open",
        before=json.dumps(before), current=json.dumps(other), current_by="何督导", current_at=now - timedelta(hours=3),
        other=json.dumps(mine), other_by=store.holder.name, other_at=now - timedelta(hours=1),
    )  # fmt: skip
    store.save(store.holder, (None, conflict))
    _shown(desk)


def third_value(desk: Desk) -> None:
    """Both had settled it, differently: neither is right."""
    from app.records import Conflict

    store = desk.context.store
    found = store.find(Conflict, state="open")[0]
    now = desk.context.clock.now()
    settled = [
        {"state": "value", "settled_value": json.dumps({"current_address": address}), "settled_by": who,
         "settled_at": (now - timedelta(hours=hours)).isoformat()}
        for address, who, hours in (("二组 7 号", store.holder.name, 2), ("镇上小学旁", "何督导", 1))
    ]  # fmt: skip
    store.save(store.holder, (found, replace(found, must_ask=True, earlier=json.dumps(settled))))
    page = _shown(desk)
    page.settling.difference.type_other()


def proposal(desk: Desk) -> None:
    """Another village wrote on about a child that is here now."""
    from app.records import Proposal

    store, child = desk.context.store, _child(desk)
    _settle_all(desk)
    edit = {"phones": ["13900005678"], "note": "外婆接去住了半个月，现在回来了"}
    visit = {"subject": child.id, "visited_on": "2026-03-06", "mode": "home", "visitors": ["安小禾"],
             "outcome": {"outcome": "met"}, "child_seen": True, "living": "和外婆住，吃穿都好。"}  # fmt: skip
    changes = [_change("person", child.id, edit, {"*": "e:1"}), _change("child_visit", "9" * 32, visit, {})]
    made = Proposal(
        subject=child.id, unit="0" * 64, content=json.dumps({"changes": changes}), author="安小禾",
        from_org="539900101201", proposed_at=desk.context.clock.now() - timedelta(hours=2), state="open",
    )  # fmt: skip
    store.save(store.holder, (None, made))
    _shown(desk)


def refused(desk: Desk) -> None:
    """The county could not take a save."""
    from app.records import Rejection

    store, child = desk.context.store, _child(desk)
    _settle_all(desk)
    away = "530621001001"
    change = _change("person", child.id, {"org": away}, {"*": "e:1"})
    made = Rejection(
        subject=child.id, unit="0" * 64, about_type="person", about=child.id, reason="bad_value",
        explanation=f"「{away}」是外县的区划代码，县里只收本县的。转到外县，请打印档案交过去。",
        content=json.dumps({"changes": [change]}), author=store.holder.name,
        refused_at=desk.context.clock.now() - timedelta(hours=2), state="open",
    )  # fmt: skip
    store.save(store.holder, (None, made))
    _shown(desk)


def waiting(desk: Desk) -> None:
    """A line that broke, and what the county had moved before."""
    from app.store.changes import writing
    from sync.client.moved import Moved, People
    from sync.client.news import note_moved
    from sync.protocol import LineBroke

    context, child = desk.context, _child(desk)
    _settle_all(desk)
    digest = context.store.attach_blob(bytes(range(256)) * 900)
    _photo(context.store, child, digest)
    with writing(context.store) as work:
        work.transferred(digest, "up", 102_400, 230_400)
        told = Moved(away=People(children=1, elders=3, others=2), proposed=1)
        note_moved(work, int(context.clock.now().timestamp() * 1000), told)
    context.line.failed(LineBroke(""))
    context.line.will_try(context.clock.now() + timedelta(minutes=3))
    _shown(desk).show_tab("waiting")


def unfinished(desk: Desk) -> None:
    """All is sent, and the line broke while the county answered."""
    from app.store.changes import unsent, writing
    from sync.client.news import put_away, unread

    context = desk.context
    put_away(context.store, unread(context.store))
    sent = [unit.seq for unit in unsent(context.store, EVERYTHING)]
    with writing(context.store) as work:
        work.mark((seq, "accepted", f"picture:{seq}") for seq in sent)
        for digest, _, size in work.transfers("up"):
            work.transferred(digest, "up", size, size)
    context.line.will_try(context.clock.now() + timedelta(minutes=3))
    _shown(desk).show_tab("open")


def differing(desk: Desk) -> None:
    """Whatever was tried, the county holds something else."""
    from sync.client import agreement

    agreement.noted(desk.context.store, differs=True)
    _shown(desk)


def _photo(store: Workspace, child: Person, digest: str) -> None:
    from app.records import Attachment

    photo = Attachment(subject=child.id, sha256=digest, size=230_400, kind="photo")
    store.save(store.holder, (None, photo))


def _joined(desk: Desk) -> Workspace:
    """A desk that has exchanged with a county today."""
    from ui.exchange_list import HISTORY

    store, now = desk.context.store, desk.context.clock.now()
    known = {"server_id": "picture", "name": "练习县", "county_time": round(now.timestamp() * 1000)}
    store.set_setting("county", known)
    came = {"sent": 3, "received": 12, "conflicts": 1, "rejections": 0, "bytes_up": 2_100, "bytes_down": 38_000}
    store.set_setting(HISTORY, [{"at": now.isoformat(), "seconds": 0.4, "delivered": True, **came}])
    return store


def _child(desk: Desk) -> Person:
    from app.records import Child, Person

    store = desk.context.store
    return store.require(Person, next(each.id for each in store.every(Child) if each.risk_level == "high"))


def _change(type_: str, record: str, after: dict[str, Any], bases: dict[str, str]) -> dict[str, Any]:
    return {"type": type_, "record": record, "after": after, "bases": bases}


def _settle_all(desk: Desk) -> None:
    """What the picture before showed is dealt with."""
    from app.records import Conflict, Proposal, Rejection

    store = desk.context.store
    store.delete(store.holder, *(each for cls in (Conflict, Proposal, Rejection) for each in store.every(cls)))


def _shown(desk: Desk) -> ExchangePage:
    """The page, with what is in the store now."""
    from app.store.results import Changes
    from ui.pages.exchange import ExchangePage
    from ui.pictures import settle

    desk.open("exchange")
    page = desk.page
    assert isinstance(page, ExchangePage)
    desk.context.changes.changed.emit(Changes())
    settle(desk)
    return page
