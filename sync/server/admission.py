"""Whether a save may be taken: its size and shape, its author's right where it would lie, and what it builds upon."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import structs

from app.policy.access import PERMISSIONS, Action, is_restricted, refusal
from sync.merge import DELETED
from sync.messages import PROPOSED, Change, Unit
from sync.server import bin
from sync.server.decided import Decided, is_own, resolved
from sync.server.places import Places
from sync.server.ready import Ready
from sync.server.shape import LARGEST_RECORD, LARGEST_UNIT, MOST_CHANGES, Refused, check_shape, check_wish, subject_of
from sync.server.sitting import Kept, Name, Sitting, encode
from sync.server.standing import OutOfScope, Standing

ALSO = "这条记录前面的保存没有收下，这一次也就没有收下。"
NO_PERSON = "这个人的登记没有收下，他名下的这条记录也就没有收下。"
"""Why what follows on something refused is refused too: an earlier save of the record, or its person's registration."""


class Admission:
    """What one device may bring in one push; ``known``: what was decided about its earlier saves, by their numbers."""

    def __init__(self, sitting: Sitting, standing: Standing, places: Places, known: Mapping[int, Decided]) -> None:
        self.sitting = sitting
        self.standing = standing
        self.places = places
        self.known = known
        self.is_any_set_aside = True
        # Each asked once a push: the rights are the same for all of an author's records of a kind in one place.
        actor = standing.device.actor
        self._is_here = cache(standing.is_here)
        self._no = cache(lambda by, do, type_, author: refusal(actor(by), do, type_, "", author=author))

    def checked(self, unit: Unit) -> list[Change]:
        """The unit's changes with its bases as stamps. Raises Refused."""
        told = unit.told if isinstance(unit, Ready) else (encode(change.after) for change in unit.changes)
        sizes = [*map(len, told)]
        if len(sizes) > MOST_CHANGES or sum(sizes) > LARGEST_UNIT:
            raise Refused("too_large", "内容太大，一次保存最多 1 兆。")
        changes, grown = list[Change](), dict[Name, int]()
        is_sound = isinstance(unit, Ready) and unit.is_sound
        for change, size in zip(unit.changes, sizes, strict=True):
            if not is_sound:
                check_shape(change)
            check_wish(change, self.sitting.ledger.county)
            self.check_right(unit, change)
            if bin.is_over(self.sitting, unit, change):
                continue
            name = (change.type, change.record)
            if self.sitting.get(name) is not None:
                grown[name] = grown.get(name, 0) + size
            if change.bases:
                self._check_ground(change)
            if not unit.stamp:
                self._check_person(change)
            changes.append(self._grounded(change) if change.bases else change)
        if grown and self.overgrown(grown):
            raise Refused("too_large", "这份记录已经太大，放不下了。")
        return changes

    def overgrown(self, grown: Mapping[Name, int]) -> set[Name]:
        """Records that so many bytes more would make so large that not every desk could read them."""
        held = ((name, self.sitting.get(name), more) for name, more in grown.items())
        return {name for name, kept, more in held if kept and len(encode(kept.state.body)) + more > LARGEST_RECORD}

    def check_right(self, unit: Unit, change: Change, wanted: Action = Action.WRITE) -> None:
        """The author's right where the record is, or where a new one would be. Raises Refused."""
        kept = self.sitting.get((change.type, change.record))
        if kept and change.type == "conflict" and "about" not in kept.state.body:
            kept = None  # a part of it came back before its listing, and lies with whoever gave that back
        org = kept.org if kept else self.places.of_new(unit, change)
        if not self._is_here(org) and not self.standing.had_then(unit, change):
            raise OutOfScope
        if kept and not self._may_join(unit, change, kept):
            raise Refused("foreign_village", "不能放进别的村的人的档案里。")
        self._check_post(unit, change, wanted)

    def may_be_proposed(self, unit: Unit) -> bool:
        """Whether all of the unit was in scope at some time, so that it is for its new owner to take it or leave it."""
        try:
            for change in unit.changes:
                check_shape(change)
                self._check_post(unit, change)
        except Refused:
            return False
        if any(is_restricted(change.type) or change.type not in PERMISSIONS for change in unit.changes):
            return False  # not everybody who sees a proposal may see this: it goes back to its author
        if unit.stamp:
            return True  # it was taken once: what moved its record here is not back yet, or never will be
        placed = ((change, self.places.of(unit, change)) for change in unit.changes)
        return all(self._is_here(place) or self.standing.had(unit, change, place) for change, place in placed)

    def _may_join(self, unit: Unit, change: Change, kept: Kept) -> bool:
        """Whether a record goes over only to the file of a person who is here, or was when it was first taken."""
        told = change.after.get("subject") or kept.subject
        person = self.sitting.get(("person", told)) if told != kept.subject else None
        if person is None or self._is_here(person.org):
            return True
        return self.standing.had_then(unit, Change("person", str(told), {}))

    def _check_post(self, unit: Unit, change: Change, wanted: Action = Action.WRITE) -> None:
        """The right of the author's post, wherever it is. Raises Refused."""
        kept = self.sitting.get((change.type, change.record))
        if change.type in PERMISSIONS:
            # To take back what one has made oneself – an undo – needs no more than the right to make it.
            is_undo = kept is not None and kept.author == unit.author
            is_deletion = wanted is Action.WRITE and change.after.get(DELETED) and not is_undo
            action = Action.DELETE if is_deletion else wanted
            if reason := self._no(unit.author, action, change.type, kept.author if kept else None):
                raise Refused("not_allowed", reason)

    def _check_ground(self, change: Change) -> None:
        """What was built upon a record that was refused, or is proposed, cannot stand by itself. Raises Refused."""
        if self.sitting.get((change.type, change.record)) is None:
            if any(base.startswith(f"{self.sitting.epoch}:") for base in change.bases.values()):
                raise OutOfScope  # of this life, and not taken: the desk has heard that it is proposed
            earlier = (self.known.get(int(base[1:])) for base in change.bases.values() if is_own(base))
            if reason := next((each.reason for each in earlier if each and each.reason), ""):
                if reason == PROPOSED:
                    raise OutOfScope
                raise Refused(reason, ALSO)

    def _check_person(self, change: Change) -> None:
        """What belongs to somebody whose registration is proposed, or was refused, goes the same way. Raises Refused.

        Whom the county does not know for another reason (a typing error, a restore) is still to come.
        """
        if not self.is_any_set_aside and not self.sitting.told:
            return
        subject = subject_of(change)
        if not subject or change.type == "person" or self.sitting.get(("person", subject)) is not None:
            return
        for type_, id_ in self.sitting.told_of(subject):
            told = kept.state.body if (kept := self.sitting.get((type_, id_))) is not None else {}
            if type_ == "proposal" and told.get("about") == subject:
                raise OutOfScope
            if type_ == "rejection" and (told.get("about"), told.get("reason")) == (subject, "foreign_village"):
                raise Refused("foreign_village", NO_PERSON)

    def _grounded(self, change: Change) -> Change:
        bases = {part: resolved(self.known, base, change, part) for part, base in change.bases.items()}
        return structs.replace(change, bases=bases)
