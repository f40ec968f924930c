"""People who were registered twice: who may be, joining two registrations, taking them apart."""

from __future__ import annotations

from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    one, another = ({"metavar": word, "help": "一份登记的编号"} for word in ("编号", "另一编号"))
    parser.verb("duplicates list", list_, "可能重复的登记，和为什么")
    same = parser.verb("duplicates same", same_, "两份登记是同一个人").takes("one", **one).takes("another", **another)
    same.takes("--take", action="append", default=[], metavar="栏目", help="用后登记的这一项；可以写几次")
    two = parser.verb("duplicates different", different, "两份登记不是同一个人")
    two.takes("one", **one).takes("another", **another)
    parser.verb("duplicates separate", separate, "把合并过的分开").takes("one", **one)


def list_(asked: Asked) -> Answer:
    """Pairs by their ids, with the reasons; the one who would stand for both first."""
    from app.cases.duplicates import disputed, suggestions
    from app.policy import access
    from ui.commands.answer import actor

    with asked.open() as store:
        by = actor(store)
        access.require(by, "read", "alias", by.org)
        found = [*disputed(store), *suggestions(store)]
    value = [{"one": each.one.id, "another": each.another.id, "why": list(each.why)} for each in found]
    pairs = [(each.one, each.another, "，".join(each.why)) for each in found]
    lines = [f"{one.id}  {one.name}  {another.id}  {another.name}  {why}" for one, another, why in pairs]
    return Answer(value, lines or ("没有看到可能重复的登记。",))


def same_(asked: Asked) -> Answer:
    """One batch: undone, both are as they were."""
    from app.cases.duplicates import mark_same
    from app.records import Person

    for name in asked.take:
        Person.spec.field(name)
    parts = {field.group or field.name for field in Person.spec.fields if field.name in asked.take}
    with asked.writing() as (store, by):
        changes = mark_same(store, by, asked.one, asked.another, sorted(parts))
        stands = store.same().stands_for(asked.one)
    return Answer({"stands": stands, "batch": changes.batch}, (f"已合并，以后是 {stands}。",))


def different(asked: Asked) -> Answer:
    """Nobody is asked about these two again."""
    from app.cases.duplicates import mark_different

    with asked.writing() as (store, by):
        changes = mark_different(store, by, asked.one, asked.another)
    return Answer({"batch": changes.batch}, ("记下了：不是同一个人。",))


def separate(asked: Asked) -> Answer:
    """Each comes back by itself."""
    from app.cases.duplicates import separate as take_apart

    with asked.writing() as (store, by):
        changes = take_apart(store, by, asked.one)
    return Answer({"batch": changes.batch}, ("已分开。",))
