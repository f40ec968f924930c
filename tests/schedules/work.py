"""What people do: register, write, delete, move, photograph, join and part who was registered twice."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.cases import duplicates, posts
from app.errors import UserError
from app.records import Attachment, Person
from app.records.alias import alias_id
from app.records.record import amended
from app.store.changes import writing
from sync.merge import EMPTIED
from tests.schedules.seat import Seat, move

if TYPE_CHECKING:
    from tests.schedules.world import World

SINGLE = ("village_group", "note")
ASKED = "death"
"""A part that asks: ``death_note`` alone is written in it."""
SET = "other_names"
PHOTO_BYTES = 300


def type_on(world: World, seat: Seat) -> None:
    """Open a form, or save the one that is open, perhaps long after."""
    if seat.form is None:
        seat.form = _some_person(world, seat)
        if world.random.random() < 0.5:
            return
    loaded, seat.form = seat.form, None
    if loaded is None:
        _register(world, seat)
    elif not _is_closed(seat, loaded):
        _edit(world, seat, loaded)


def _some_person(world: World, seat: Seat) -> Person | None:
    if len(world.ids) < world.people and world.random.random() < 0.5:
        return None
    here = seat.store.many(Person, world.ids)
    shown = [here[id_] for id_ in world.ids if id_ in here]
    return world.random.choice(shown) if shown else None


def _is_closed(seat: Seat, loaded: Person) -> bool:
    """The window closes a page whose person has left the laptop, or of whom nothing is left."""
    with writing(seat.store) as work:
        held = work.held([("person", loaded.id)])
    return not held or any(EMPTIED in body for body, _ in held.values())


def _register(world: World, seat: Seat) -> None:
    places = seat.store.divisions or (seat.store.post.org,)
    made = _save(world, seat, None, Person(name=world.word(seat), org=world.random.choice(places)))
    world.ids.append(made)
    seat.own.add(made)


def _edit(world: World, seat: Seat, loaded: Person) -> None:
    dice, chances = world.random.random(), world.chances
    if dice < 0.04:
        if seat.store.get(Person, loaded.id) is not None:
            world.judge.deleted(loaded.id, shown(loaded))
            seat.store.delete(seat.store.holder, loaded)
    elif dice < 0.04 + chances.transfer:
        world.fired["transfer"] += 1
        org = _another_place(world, loaded)
        seat.own.add(move(loaded.id, org))
        _save(world, seat, loaded, replace(loaded, org=org))
    elif dice < 0.35:
        _edit_set(world, seat, loaded)
    elif dice < 0.50:
        word = world.word(seat)
        world.judge.wrote((loaded.id, ASKED), word, loaded.death_note)
        _save(world, seat, loaded, replace(loaded, death_note=word))
    elif dice < 0.50 + chances.photo:
        _photograph(world, seat, loaded)
    elif dice < 0.50 + chances.photo + chances.pair:
        _pair(world, seat, loaded)
    else:
        name, word = world.random.choice(SINGLE), world.word(seat)
        world.judge.wrote((loaded.id, name), word, getattr(loaded, name))
        _save(world, seat, loaded, amended(loaded, {name: word}))


def _another_place(world: World, loaded: Person) -> str:
    return world.random.choice([org for org in world.places if org != loaded.org])


def _edit_set(world: World, seat: Seat, loaded: Person) -> None:
    names = loaded.other_names
    if names and world.random.random() < 0.4:
        world.judge.took_out((loaded.id, SET), names[0])
        _save(world, seat, loaded, replace(loaded, other_names=names[1:]))
    else:
        word = world.word(seat)
        world.judge.put_in((loaded.id, SET), word)
        _save(world, seat, loaded, replace(loaded, other_names=(*names, word)))


def _photograph(world: World, seat: Seat, person: Person) -> None:
    if seat.is_older:
        return
    world.fired["photo"] += 1
    content = world.random.randbytes(PHOTO_BYTES)
    digest = seat.store.attach_blob(content)
    made = _save(world, seat, None, Attachment(subject=person.id, sha256=digest, size=len(content)))
    world.photos[digest] = (person.id, content)
    seat.own |= {digest, made}


def _pair(world: World, seat: Seat, person: Person) -> None:
    """Somebody finds that two are one person, or, where that was said, that they are not."""
    if seat.is_older:
        return
    here = [id_ for id_ in seat.store.many(Person, world.ids) if id_ != person.id]
    if not here or seat.store.get(Person, person.id) is None:
        return
    actor, other, same = posts.actor(seat.store), world.random.choice(here), seat.store.same()
    low, high = sorted((same.stands_for(person.id), same.stands_for(other)))
    with suppress(UserError):  # one of them may be on the way to another village
        if low == high:
            duplicates.separate(seat.store, actor, person.id)
            world.fired["parted"] += 1
            return
        duplicates.mark_same(seat.store, actor, low, high)
        world.fired["joined"] += 1
        world.pairs[alias_id(low, high)] = (low, high)
        seat.own.add(alias_id(low, high))


def _save(world: World, seat: Seat, loaded: Any, edited: Any) -> str:
    changes = seat.store.save(seat.store.holder, (loaded, edited))
    return next(iter(changes.ids))


def shown(person: Person) -> dict[str, object]:
    """What a form shows of a person, as far as the judge asks for it."""
    return {
        "village_group": person.village_group, "note": person.note, ASKED: person.death_note,
        SET: tuple(sorted(person.other_names)),
    }  # fmt: skip


def shown_row(row: Mapping[str, Any]) -> dict[str, object]:
    """The same of a row."""
    return {name: row[name] for name in (*SINGLE, ASKED, SET)}
