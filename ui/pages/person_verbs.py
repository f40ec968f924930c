"""What can happen to a person, as verbs: life events, kin, another profile, a photo."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.cases.deleted import KEPT_DAYS
from app.records import Child, Elder, Person
from app.records.codes import code_list
from ui import look
from ui.context import Context
from ui.dialogs.kin import KinDialog
from ui.dialogs.life_event import (
    CHILD_LEFT,
    DIED,
    ELDER_LEFT,
    MOVED,
    RETURNED,
    TRANSFERRED,
    WENT,
    LifeEvent,
    LifeEventDialog,
)
from ui.models.person_file import Kin, PersonFile
from ui.pages.page import SameAsWanted
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.workspace import Workspace

_ALL = frozenset(field.name for field in Person.spec.fields)
"""Doubts about somebody who is on file already were looked at when they came."""


class PersonVerbs(QObject):
    """Offers what fits the person that the page shows."""

    removed = Signal()
    compared = Signal(object)  # SameAsWanted

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self.context = context
        self.page = page
        self.file: PersonFile | None = None
        self.events_button = look.button(tr("变动…"), self._offer_events)
        self.kin_button = look.quiet_button(tr("改关系和情况…"), self._offer_kin, picture="edit")

    def show_file(self, file: PersonFile) -> None:
        """From now on it is about this person."""
        self.file = file
        self.kin_button.setVisible(bool(file.kin))

    def _offer_events(self) -> None:
        menu = QMenu(self.events_button)
        for event in self.events():
            menu.addAction(event.word, partial(self._ask_event, event))
        if self.file is not None and not self.file.person.died_on:
            menu.addSeparator()
            if self.file.child is None:
                menu.addAction(tr("登记为儿童"), partial(self._add_profile, "child"))
            if self.file.elder is None:
                menu.addAction(tr("登记为老年人"), partial(self._add_profile, "elder"))
            menu.addAction(tr("换照片…"), self._choose_photo)
        menu.addSeparator()
        menu.addAction(tr("和另一份登记合并…"), self._ask_same)
        if self.file is not None and self.file.registrations > 1:
            menu.addAction(tr("分开：不是同一个人"), self.separate)
        menu.addAction(tr("删除登记（登错了才用）"), self.remove)
        menu.popup(self.events_button.mapToGlobal(self.events_button.rect().bottomLeft()))

    def events(self) -> tuple[LifeEvent, ...]:
        """The verbs that fit this person now."""
        if self.file is None or self.file.person.died_on:
            return ()
        away = self.file.stay_on(self.context.clock.today()) is not None
        found = [RETURNED if away else WENT, MOVED, TRANSFERRED, DIED]
        found += [CHILD_LEFT] if self.file.child and not self.file.child.exited_on else []
        found += [ELDER_LEFT] if self.file.elder and not self.file.elder.exited_on else []
        return tuple(found)

    def _ask_event(self, event: LifeEvent) -> None:
        if self.file is not None:
            LifeEventDialog(self.context, self.file.person, event, self.page).open()

    def _offer_kin(self) -> None:
        menu = QMenu(self.kin_button)
        for kin in self.file.kin if self.file else ():
            relation = code_list("relation").label(kin.relation)
            menu.addAction(f"{relation}  {kin.person.name or ''}", partial(self.ask_kin, kin))
        menu.popup(self.kin_button.mapToGlobal(self.kin_button.rect().bottomLeft()))

    def ask_kin(self, kin: Kin | None) -> None:
        if self.file is not None:
            KinDialog(self.context, self.file.person, kin, self.page).open()

    def _add_profile(self, kind: str) -> None:
        """Somebody on file is put on the register of children or elders as well."""
        if self.file is None:
            return
        person, actor, today = self.file.person, self.context.actor, self.context.clock.today()

        def add(store: Workspace) -> Changes:
            from app.cases import register

            if kind == "child":
                return register.register_child(store, actor, person, Child(), today=today, confirmed=_ALL)
            return register.register_elder(store, actor, person, Elder(), today=today, confirmed=_ALL)

        def added(changes: Changes) -> None:
            self.context.say(tr("已登记，请填类别和风险等级。"), tone="good", undo=changes)

        self.context.write(self, add).then(added).run()

    def _ask_same(self) -> None:
        if self.file is not None:
            self.compared.emit(SameAsWanted(self.file.person.id))

    def separate(self) -> None:
        """Several registrations were called one person: each comes back by itself."""
        if self.file is None:
            return
        person, actor = self.file.person, self.context.actor

        def separate(store: Workspace) -> Changes:
            from app.cases import duplicates

            return duplicates.separate(store, actor, person.id)

        said = tr("已分开，{name}的几份登记各是各的了。", name=person.name or "")
        self.context.write(self, separate).then(lambda changes: self.context.say(said, undo=changes)).run()

    def remove(self) -> None:
        """Delete somebody who should not stand here at all; what stays is said, and one key takes it back."""
        if self.file is None:
            return
        person, actor, visits = self.file.person, self.context.actor, len(self.file.visits)

        def remove(store: Workspace) -> Changes:
            from app.cases import deleted

            return deleted.remove_person(store, actor, person.id)

        def removed(changes: Changes) -> None:
            self.removed.emit()
            said = tr("已删除{name}的登记，放进了回收站，{days} 天内可以取回。", name=person.name or "", days=KEPT_DAYS)
            self.context.say(said, advice=_what_stays(visits), undo=changes)

        self.context.write(self, remove).then(removed).run()

    def _choose_photo(self) -> None:
        kinds = tr("照片 (*.jpg *.jpeg *.png *.webp *.bmp)")
        found, _ = QFileDialog.getOpenFileName(self.page, tr("选照片"), "", kinds)
        if found:
            self.set_photo(Path(found))

    def set_photo(self, path: Path) -> None:
        """Make a picture the person's portrait."""
        if self.file is None:
            return
        person, actor = self.file.person, self.context.actor

        def keep(store: Workspace) -> tuple[Changes, Changes]:
            from app.cases import photos

            attached = photos.attach(store, actor, person.id, [photos.read_photo(path)])
            portrait = next(iter(attached.ids))
            return attached, store.save(actor, (person, replace(person, photo=portrait)))

        self.context.write(self, keep).then(lambda _: self.context.say(tr("照片已换。"))).run()


def _what_stays(visits: int) -> str:
    """Deleting is for slips only: the words for who died, moved or left are elsewhere."""
    kept = tr("名下 {n} 次走访和亲属关系都留着，取回登记就又看得到。", n=visits) if visits else tr("亲属的登记都留着。")
    return kept + tr("去世、迁出、退出不用删，请用「变动」。")
