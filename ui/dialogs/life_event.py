"""Life events as verbs: a death, moving away, being elsewhere, coming home, leaving the register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QWidget

from app.errors import Problem, ShouwangError
from app.records import Child, Elder, Person, Stay
from app.records.divisions import county_of
from app.records.record import Field, Kind, Record
from ui import look
from ui.context import Context
from ui.fields import Editor, Form, PhonesEditor, VillagePicker, editor_for
from ui.fields.day import DayEditor
from ui.words import tr

if TYPE_CHECKING:
    from app.cases.life import Event
    from app.policy.access import Actor
    from app.store.workspace import Workspace

Values = dict[str, Any]
Do = Callable[["Workspace", "Actor", str, Values, date], "Event"]


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A verb, the fields it asks for, and what it does with them. ``advice`` says the consequence beforehand."""

    word: str
    title: str
    cls: type[Record]
    names: tuple[str, ...]
    do: Do
    advice: str = ""


def _died(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
    from app.cases import life

    return life.record_death(store, actor, person, values["died_on"], note=values["death_note"] or "", today=today)


def _moved(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
    from app.cases import life

    return life.move_out(store, actor, person, values["moved_out_on"], values["moved_out_to"] or "", today=today)


def _transferred(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
    from app.cases.transfer import transfer

    return transfer(store, actor, person, values["org"])


def _went(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
    from app.cases import life

    return life.go_out(store, actor, Stay(subject=person, **values), today=today)


def _returned(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
    from app.cases import life

    return life.come_home(store, actor, [person], values["until"])


def _left(kind: str) -> Do:
    def leave(store: Workspace, actor: Actor, person: str, values: Values, today: date) -> Event:
        from app.cases import life

        month = values.get("last_paid_month") or ""
        on, reason = values["exited_on"], values["exit_reason"]
        return life.leave_register(store, actor, person, kind, on, reason, last_paid_month=month, today=today)

    return leave


DIED = LifeEvent(tr("去世"), tr("登记去世"), Person, ("died_on", "death_note"), _died,
                 tr("之后不再安排走访；如果是照料人，会提醒 24 小时内走访孩子。"))  # fmt: skip
MOVED = LifeEvent(tr("迁出"), tr("登记迁出"), Person, ("moved_out_on", "moved_out_to"), _moved,
                  tr("档案留着，直到迁入地接过去。"))  # fmt: skip
TRANSFERRED = LifeEvent(
    tr("转到本县别的村…"), tr("转到别的村"), Person, ("org",), _transferred,
    tr("写村名或 12 位代码。整份档案转过去，只在他名下的家人一起转；收发以后，不归这里管的，这台电脑上不再有。"),
)
WENT = LifeEvent(tr("外出、住校、住院…"), tr("登记不在家"), Stay,
                 ("place", "since", "until", "whereabouts", "with_whom", "phones"), _went,
                 tr("不在家的日子，走访会改成电话或周末。"))  # fmt: skip
RETURNED = LifeEvent(tr("回来了"), tr("登记返回"), Stay, ("until",), _returned, tr("从这天起又在家里走访。"))
CHILD_LEFT = LifeEvent(
    tr("退出台账"), tr("登记退出"), Child, ("exited_on", "exit_reason", "last_paid_month"), _left("child")
)
ELDER_LEFT = LifeEvent(tr("退出台账"), tr("登记退出"), Elder, ("exited_on", "exit_reason"), _left("elder"))


class LifeEventDialog(QDialog):
    """Asks for what an event needs, says what follows, and reports what is to be done next."""

    def __init__(self, context: Context, person: Person, event: LifeEvent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.person = person
        self.event_ = event
        self.setWindowTitle(event.title)
        today = context.clock.today()
        county = county_of(person.org or context.actor.org)
        self.form: Form[Record] = Form(event.cls(), [_editor(event, name, today, county) for name in event.names])
        for name in ("died_on", "moved_out_on", "exited_on", "since"):
            if name in self.form.editors:
                self.form.editors[name].set_value(today)
        if event is RETURNED:
            self.form.editors["until"].set_value(today)
        self.homeless = look.Label("", "problem", wrap=True)
        self.homeless.hide()
        self.done_button = look.primary_button(event.title, self.commit)
        self.form.at_end = self.done_button.setFocus
        buttons = look.row(None, look.button(tr("先不登记"), self.reject), self.done_button)
        advice = look.Label(event.advice, "quiet", wrap=True)
        self.setLayout(
            look.column(
                look.Heading(f"{event.title}：{person.name or ''}"), advice, *self.form.editors.values(),
                self.homeless, buttons, margins=(6, 5, 6, 5), gap=3,
            )
        )  # fmt: skip
        width = look.space(190)
        layout = self.layout()
        assert layout is not None
        self.resize(width, layout.heightForWidth(width))

    def commit(self) -> None:
        """Carry it out; problems show under their fields."""
        record = self.form.record()
        if missing := self._missing():
            self._show_problems(missing)
            return
        values, event, person = self.form.values(), self.event_, self.person.id
        actor, today = self.context.actor, self.context.clock.today()
        self.done_button.setEnabled(False)
        assert record is not None

        def work(store: Workspace) -> Event:
            return event.do(store, actor, person, values, today)

        self.context.write(self, work).then(self._done).otherwise(self._refused).run()

    def _missing(self) -> list[Problem]:
        first = self.event_.names[0] if self.event_ is not WENT else "place"
        asked = {first, *(name for name in self.event_.names if name in ("since", "exit_reason"))}
        return [
            Problem(name, tr("「{label}」还没有填。", label=self.form.editors[name].field.label))
            for name in self.event_.names
            if name in asked and self.form.editors[name].is_empty()
        ]

    def _done(self, event: Event) -> None:
        self.context.changes.announce(event.changes)
        advice = "  ".join(event.to_do)
        text = tr("{name}：已{what}。", name=self.person.name or "", what=self.event_.title)
        self.context.say(text, tone="good", advice=advice, undo=event.changes)
        self.accept()

    def _refused(self, error: ShouwangError) -> None:
        self.done_button.setEnabled(True)
        self._show_problems(error.problems or [Problem("", str(error))])

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        rest = self.form.show_problems(problems)
        self.homeless.setText("\n".join(problem.message for problem in rest))
        self.homeless.setVisible(bool(rest))


def _editor(event: LifeEvent, name: str, today: date, county: str) -> Editor:
    field = event.cls.spec.field(name)
    if name == "org":
        return VillagePicker(field, [county])
    if name == "phones":
        return PhonesEditor(field)
    if event is RETURNED:
        return DayEditor(Field(tr("返回日期"), Kind.DAY, required=True, name=name), today)
    if name == "until":
        return DayEditor(field, today, ahead=True)
    return editor_for(field, today)
