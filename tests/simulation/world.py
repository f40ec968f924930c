"""Desks and one county in one process: the real merge, a bad line, and everything that can happen to disks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from sync.merge import DELETED, EMPTIED, State
from tests.simulation.county import CountyModel
from tests.simulation.desk import DeskModel, Form
from tests.simulation.faults import HONEST, Faults, Sabotage
from tests.simulation.judge import Judge, Word, apart, own_words, seen_words, words_at
from tests.simulation.talk import EMPTY, PLACES, Answer, Hello, Post, Sent

SINGLE = ("phone", "note", "risk", "later")
MOST_DESKS = 12
CONTACTS = 0.25
BACKUPS = 0.003


class World:
    """Some desks, one county, one seed. A step is one thing that a user does, or one contact."""

    def __init__(
        self, seed: int, *, desks: int = 4, records: int = 6, faults: Faults, sabotage: Sabotage = HONEST
    ) -> None:
        self.random = random.Random(seed)
        self.dice = self.random.random
        self.county = CountyModel(sabotage)
        self.backups: list[CountyModel] = []
        self.desks: list[DeskModel] = []
        self.images: dict[int, DeskModel] = {}
        self.records = records
        self.faults = faults
        self.sabotage = sabotage
        self.judge = Judge()
        self.late: list[tuple[Hello, list[Sent]]] = []
        self.fired: Counter[str] = Counter()
        self.word = 0
        self.lives = 1
        self.devices = 0
        self.highest = 0
        self.orphans: set[Word] = set()
        self.hoped: set[Word] = set()
        self.copied: set[int] = set()
        self.wronged: list[str] = []
        self.rare = self._rare()
        for number in range(desks):
            self.enrol(number)

    def enrol(self, number: int) -> None:
        """A post with a new laptop: the first one looks after everything, every other one after a place or two."""
        orgs = set(PLACES) if number == 0 else {PLACES[number % 3]}
        if number > 3:
            orgs.add(PLACES[(number + 1) % 3])
        home = PLACES[number % 3]
        desk = DeskModel(self.devices, home, knows_later=number % 3 != 2, sabotage=self.sabotage)
        self.county.posts[self.devices] = Post(frozenset(orgs), frozenset(orgs), home)
        self.devices += 1
        if number < len(self.desks):
            self.desks[number] = desk
        else:
            self.desks.append(desk)
        desk.epoch = self.county.epoch

    def run(self, steps: int) -> None:
        """So many steps, then a good line until nobody has anything left to say."""
        dice, desks, exchange, type_ = self.dice, self.desks, self.exchange, self.type
        often = self.rare[0][0]
        for _ in range(steps):
            what = dice()
            desk = desks[int(dice() * len(desks))]
            if what < CONTACTS:
                exchange(desk)
            elif what < often:
                type_(desk)
            else:
                self.befall(desk, what)
        self.quiet()

    def befall(self, desk: DeskModel, what: float) -> None:
        """Something rare."""
        for below, happen in self.rare[1:]:
            if what < below:
                happen(desk)
                return

    def _rare(self) -> list[tuple[float, Callable[[DeskModel], None]]]:
        faults = self.faults
        things: list[tuple[float, Callable[[DeskModel], None]]] = [
            (BACKUPS, lambda desk: self.back_up()),
            (faults.restore, lambda desk: self.restore()),
            (faults.rolled_back, lambda desk: self.roll_back()),
            (faults.cloned, self.clone),
            (faults.imaged, self.image),
            (faults.laptop_lost, self.lose),
            (faults.granted, self.grant),
            (faults.bin_emptied, lambda desk: self.empty_bin()),
        ]
        at = 1.0 - sum(often for often, _ in things)
        found: list[tuple[float, Callable[[DeskModel], None]]] = [(at, self.type)]
        for often, happen in things:
            at += often
            found.append((at, happen))
        return found

    # What users do

    def type(self, desk: DeskModel) -> None:
        """Open a form, or save the one that is open – perhaps long after."""
        form = desk.form
        if form is None:
            record = int(self.dice() * self.records)
            desk.form = form = Form(record, desk.rows.get(record, EMPTY))
            if self.dice() < self.faults.stale_form:
                return
        desk.form = None
        if EMPTIED in form.loaded.body or (form.loaded.body and form.record not in desk.rows):
            return
        after = self.edit(desk, form.loaded)
        self.word += 1
        self.judge.note(form.record, form.loaded, after, self.word)
        desk.save(form, after, self.word)

    def edit(self, desk: DeskModel, loaded: State) -> dict[str, Any]:
        """What a user changes of what the form showed."""
        dice = self.dice()
        body = loaded.body
        if not body:
            return {"org": self.new_word(desk.home), SINGLE[int(dice * 3)]: self.new_word()}
        if DELETED in body:
            return {DELETED: False, "note": self.new_word()}
        if dice < 0.03:
            return {DELETED: True}
        if dice < 0.03 + self.faults.moved:
            self.fired["moved"] += 1
            return {"org": self.new_word(PLACES[int(self.dice() * 3)])}
        if dice < 0.25:
            shown = body.get("needs", ())
            if shown and self.dice() < 0.4:
                return {"needs": {"add": [], "remove": [shown[int(self.dice() * len(shown))]]}}
            return {"needs": {"add": [self.new_word()], "remove": []}}
        part = SINGLE[int(self.dice() * (4 if desk.knows_later else 3))]
        return {part: self.new_word()} if dice < 0.9 else {part: self.new_word(), "note": self.new_word()}

    def new_word(self, prefix: str = "w") -> str:
        """A value that nobody ever wrote."""
        self.word += 1
        return f"{prefix}{self.word}"

    # The line

    def exchange(self, desk: DeskModel) -> None:
        """One contact, on a line that loses, repeats, delays and cuts."""
        faults, dice, fired = self.faults, self.dice, self.fired
        waiting = desk.outbox
        hello = self.greet(desk)
        if dice() < faults.request_lost:
            fired["request lost"] += 1
            return
        units = desk.sent(waiting)
        if units:
            if dice() < faults.cut_upload:
                fired["upload cut"] += 1
                self.county.exchange(hello, units[: int(dice() * len(units))], wants=False)
                return
            if dice() < faults.delayed:
                fired["delayed"] += 1
                self.late.append((hello, units))
                return
        if self.late and dice() < 0.3:
            self.county.exchange(*self.late.pop(int(dice() * len(self.late))), wants=False)
        answer = self.county.exchange(hello, units)
        if dice() < faults.repeated:
            fired["repeated"] += 1
            answer = self.county.exchange(hello, units)
        if dice() < faults.answer_lost:
            fired["answer lost"] += 1
            return
        self.hear(desk, answer)

    def greet(self, desk: DeskModel) -> Hello:
        """What a desk says first; after a restore it tells before that what it saw of others' saves."""
        if desk.owes_witness and desk.epoch == self.county.epoch:
            self.fired["witness"] += 1
            desk.bear_witness(self.county)
        self.word += 1
        return desk.hello(self.word)

    def hear(self, desk: DeskModel, answer: Answer) -> None:
        """An answer arrives, whole or in part."""
        if answer.is_copy:
            self.fork(desk)
            return
        crash = self.dice() < self.faults.crash
        reached = None
        if answer.rows and self.dice() < self.faults.cut_download:
            self.fired["download cut"] += 1
            reached = sorted(row.seq for row in answer.rows)[int(self.dice() * len(answer.rows))] - 1
        self.fired["crash"] += crash
        desk.hear(answer, crash, reached)

    def fork(self, desk: DeskModel) -> None:
        """The county has heard somebody else under this desk's name."""
        self.fired["copy noticed"] += 1
        if desk.device not in self.copied:
            self.wronged.append(f"device {desk.device} was taken for a copy")
        post = self.county.posts[desk.device]
        self.county.posts[self.devices] = Post(post.orgs, post.ever, post.home, desk.device)
        desk.become_another(self.devices)
        self.devices += 1

    # What happens to the county

    def back_up(self) -> None:
        """Two backups are kept; what both hold is durable."""
        self.fired["backup"] += 1
        self.backups = [*self.backups[-1:], self.county.copy()]
        self.county.durable_seq = self.backups[0].seq

    def restore(self) -> None:
        """From one of the backups, under a new epoch."""
        if self.backups:
            self.fired["restore"] += 1
            self.lives += 1
            self.put_back()
            self.county.live_again(f"e{self.lives}")
            self.backups = [self.county.copy()]

    def roll_back(self) -> None:
        """A machine is put back to its snapshot, and nobody tells the program."""
        if self.backups:
            self.fired["rollback"] += 1
            self.put_back()
            self.backups = [self.county.copy()]

    def put_back(self) -> None:
        before = self.county
        self.highest = max(self.highest, before.seq)
        self.county = self.backups[0 if self.dice() < 0.5 else -1].copy()
        self.county.posts = {**before.posts, **self.county.posts}
        self.county.lives = before.lives
        self.county.durable_seq = 0
        if not (self.sabotage.numbers_given_twice or self.sabotage.stamps_without_epoch):
            self.county.seq = self.highest
        self.mourn()

    def empty_bin(self) -> None:
        """Ninety days have passed, and as many since a restore: every desk has given back what it had."""
        for desk in self.desks:
            if desk.epoch != self.county.epoch or desk.owes_witness or any(unit.stamp for unit in desk.outbox):
                return
            if desk.last and desk.last not in self.county.marks:
                return
        for record, kept in list(self.county.records.items()):
            if kept.state.is_deleted and EMPTIED not in kept.state.body:
                self.fired["emptied"] += 1
                self.judge.erased(record, self.county)
                self.county.erase(record)

    def grant(self, desk: DeskModel) -> None:
        """A post is given other places, or none; somebody always looks after the whole county."""
        if desk.home == PLACES[0] and self.county.posts[desk.device].orgs == frozenset(PLACES):
            return
        orgs = frozenset(place for place in PLACES if self.dice() < 0.5)
        self.fired["granted"] += 1
        for other in self.desks:
            if other.device == desk.device:
                self.county.regrant(other.device, orgs)

    # What happens to laptops

    def clone(self, desk: DeskModel) -> None:
        """The disk is copied to a second laptop, and both go on."""
        if len(self.desks) < MOST_DESKS:
            self.fired["clone"] += 1
            self.copied.add(desk.device)
            self.desks.append(desk.copy())

    def image(self, desk: DeskModel) -> None:
        """The laptop is put back to an image of its disk; the first time the image is made."""
        number = self.desks.index(desk)
        kept = self.images.pop(number, None)
        if kept is None:
            self.images[number] = desk.copy()
        else:
            self.fired["image"] += 1
            self.copied.add(kept.device)
            self.desks[number] = kept.copy()
            self.destroyed(desk)

    def lose(self, desk: DeskModel) -> None:
        """The laptop is gone; its post gets a new one."""
        number = self.desks.index(desk)
        self.fired["laptop lost"] += 1
        self.images.pop(number, None)
        self.late = [each for each in self.late if each[0].device != desk.device]
        home, orgs = desk.home, self.county.posts[desk.device].orgs
        self.enrol(number)
        self.desks[number].home = home
        self.county.posts[self.desks[number].device] = Post(orgs, orgs, home)
        self.destroyed(desk)

    def destroyed(self, desk: DeskModel) -> None:
        """What was on this disk is nobody's any more."""
        self.orphans |= own_words(desk) | seen_words(desk)
        self.mourn()

    def mourn(self) -> None:
        """What neither the county nor any author's disk holds cannot be demanded; who saw it may give it back."""
        gone = self.orphans - words_at(self.county) if self.orphans else None
        if gone:
            gone.difference_update(*map(own_words, self.desks))
            self.hoped |= gone & set().union(*map(seen_words, self.desks))
            self.judge.excuse(gone)

    # The end

    def quiet(self) -> None:
        """A good line, until nobody has anything left to say; four rounds suffice for the honest design."""
        for _ in range(4):
            for desk in self.desks:
                for _ in range(2):
                    hello = self.greet(desk)
                    answer = self.county.exchange(hello, desk.sent(desk.outbox))
                    if answer.is_copy:
                        self.fork(desk)
                    else:
                        desk.hear(answer, False)

    def witnessed(self) -> tuple[int, int]:
        """Of what was on a lost laptop and in a lost life of the county, how much came back from who had seen it."""
        return len(self.hoped & words_at(self.county)) if self.hoped else 0, len(self.hoped)

    def faults_found(self) -> list[str]:
        """What the judge holds against this run."""
        return self.judge.lost(self.county) + apart(self.county, self.desks) + self.wronged
