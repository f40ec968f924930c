"""Records one by one: saving, getting, listing, finding, deleting, their history, and what is due."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, Problem, Unfinished, UserError
from app.records.record import Kind, Record, amended, body, from_json
from ui.commands.answer import Answer, Asked, actor
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from app.policy.access import Actor
    from app.store.reader import Reader

DIVISION_FIELDS = ("org", "registered_division", "current_division")


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    kind = {"metavar": "种类", "help": "记录种类，如 person、child、child_visit"}
    one = {"metavar": "编号", "help": "记录的编号"}
    parser.verb("save", save, "从标准输入逐行读 JSON 并保存，全部成功或全部不存").takes("type", **kind).takes(
        "--confirm", action="append", default=[], metavar="栏目", help="已核对、确认无误的栏目（只对提醒有效）"
    )
    parser.verb("get", get, "看一条记录").takes("type", **kind).takes("id", **one)
    parser.verb("list", list_, "列出记录").takes("type", **kind).takes(
        "--where", action="append", default=[], metavar="栏目=值", help="只列这一栏等于这个值的；可以写几次"
    )
    parser.verb("find", find, "按姓名、拼音、首字母、小组或证件后四位找人").takes("text", metavar="文字", help="要找的")
    parser.verb("delete", delete, "把一条记录放进回收站").takes("type", **kind).takes("id", **one)
    parser.verb("history", history, "一条记录的改动历史").takes("type", **kind).takes("id", **one)
    parser.verb("undo", undo, "把一次保存或导入整个撤销").takes("batch", metavar="批次", help="保存时给出的批次")
    moved = parser.verb("transfer", transfer, "把一个人的整份档案转到本县别的村").takes("id", **one)
    moved.takes("--to", required=True, metavar="村", help="村名或 12 位区划代码")
    parser.verb("due", due, "该走访谁、为什么").takes(
        "--on", default="", metavar="日期", help="算到哪一天，如 2026-03-05；不写就是今天"
    )


def save(asked: Asked) -> Answer:
    """Partial records from stdin; what is wrong anywhere keeps everything out."""
    from app.records import record_type

    cls = record_type(asked.type)
    given = list(_lines(_stdin()))
    today = asked.today()
    with asked.writing() as (store, by):
        edits = [(loaded, _edited(cls, loaded, fields)) for loaded, fields in _loaded(store, cls, given)]
        found = [problem for edit in edits for problem in _open_problems(edit, today, asked.confirm)]
        if found:
            raise Unfinished("什么都没有存。", advice=f"有 {len(found)} 处要改：", problems=found)
        for loaded, edited in edits:
            _require_write(store, by, loaded or edited)
            _require_write(store, by, edited)
        changes = store.save(by, *edits)
    ids = [edited.id for _, edited in edits]
    return Answer({"ids": ids, "changed": len(changes.ids), "batch": changes.batch}, ids)


def _stdin() -> Iterable[str]:
    """UTF-8 whatever the console's code page is; what is not becomes a line that is no JSON, and is refused."""
    stream = sys.stdin
    if stream is None:
        return ()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    return stream


def _lines(stream: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadValue(f"什么都没有存。第 {number} 行不是一个 JSON 对象。", advice='每行写一条，如 {"name": "…"}。')
        yield found


def _loaded(
    reader: Reader, cls: type[Record], given: list[dict[str, Any]]
) -> Iterator[tuple[Record | None, dict[str, Any]]]:
    """Each line beside the record that it changes; one without an id is new and gets one."""
    from app.records.ids import is_id, new_id

    known = reader.many(cls, [str(fields["id"]) for fields in given if fields.get("id")])
    for fields in given:
        id_ = fields.pop("id", None) or new_id()
        if not isinstance(id_, str) or not (id_ in known or is_id(id_)):
            raise BadValue(f"什么都没有存。「{str(id_)[:40]}」不是记录的编号。", advice="新记录请不要写 id。")
        if cls.spec.is_profile and id_ not in known:
            _require_person(reader, id_)
        yield known.get(id_), {"id": id_, **fields}


def _require_person(reader: Reader, id_: str) -> None:
    from app.records import Person

    if reader.get(Person, id_) is None:
        raise BadValue("什么都没有存。档案的 id 要写这个人（person）的编号。", advice="请先存人，再存他的档案。")


def _edited(cls: type[Record], loaded: Record | None, fields: dict[str, Any]) -> Record:
    edited = amended(loaded or cls(id=fields["id"]), {name: raw for name, raw in fields.items() if name != "id"})
    for name in fields:
        if name != "id":
            _require_known_codes(edited, name)
    return edited


def _require_known_codes(record: Record, name: str) -> None:
    """A slip in a code must not become a value that no list knows."""
    from app.records.codes import code_list
    from app.records.divisions import division

    field, value = record.spec.field(name), getattr(record, name)
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        codes = code_list(field.of)
        for code in value if isinstance(value, tuple) else [value] if value else []:
            if code not in codes:
                choices = "、".join(f"{item.code}（{item.label}）" for item in list(codes)[:20])
                raise BadValue(f"什么都没有存。「{field.label}」没有 {code[:40]} 这一项。", advice=f"可用：{choices}。")
    if name in DIVISION_FIELDS and value and division(value) is None:
        raise BadValue(f"什么都没有存。「{field.label}」没有区划代码 {value[:20]}。", advice="请核对 12 位区划代码。")


def _open_problems(edit: tuple[Record | None, Record], today: date, confirmed: list[str]) -> Iterator[Problem]:
    """What the edit makes wrong; gaps that an old record had before are not its fault."""
    loaded, edited = edit
    before = {problem.message for problem in loaded.spec.problems(loaded, today)} if loaded else set()
    for problem in edited.spec.problems(edited, today):
        if problem.message not in before and not (problem.warning and problem.field in confirmed):
            yield problem


def _require_write(reader: Reader, by: Actor, record: Record) -> None:
    from app.cases.register import place_of
    from app.policy import access

    access.require(by, "write", record.spec.name, place_of(reader, record))


def get(asked: Asked) -> Answer:
    """One record as JSON."""
    from app.records import record_type

    with asked.open() as store:
        _require_read(actor(store), asked.type)
        record = store.require(record_type(asked.type), asked.id)
    value = _told(record)
    return Answer(value, (json.dumps(value, ensure_ascii=False, indent=1),))


def list_(asked: Asked) -> Answer:
    """Records of a type as NDJSON lines, or one array."""
    from app.records import record_type

    cls = record_type(asked.type)
    equal = dict(_condition(cls, text) for text in asked.where)
    with asked.open() as store:
        _require_read(actor(store), asked.type)
        records = store.find(cls, **equal)
    value = [_told(record) for record in records]
    return Answer(value, [json.dumps(each, ensure_ascii=False) for each in value])


def _condition(cls: type[Record], text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UserError(f"没有查。「{text[:40]}」要写成 栏目=值。", advice="例如 --where village_group=一组。")
    if name == "id":
        return name, value
    field = cls.spec.field(name)
    typed: Any = {"true": True, "false": False}.get(value, value) if field.kind is Kind.FLAG else value
    return name, from_json(field, typed)


def _require_read(by: Actor, type_name: str) -> None:
    from app.policy import access
    from app.records import record_type

    record_type(type_name)
    access.require(by, "read", type_name, "")


def _told(record: Record) -> dict[str, Any]:
    return {"id": record.id, **body(record)}


def find(asked: Asked) -> Answer:
    """People whom the text may mean."""
    from app.records.divisions import short_name

    with asked.open() as store:
        hits = store.search(asked.text)
    value = [
        {"id": hit.id, "name": hit.name, "village_group": hit.village_group, "org": hit.org,
         "birth_date": hit.birth_date, "kinds": list(hit.kinds)}
        for hit in hits
    ]  # fmt: skip
    lines = [f"{hit.id}  {hit.name}  {short_name(hit.org)}{hit.village_group}  {hit.birth_date or ''}" for hit in hits]
    return Answer(value, lines or ("没有找到。",))


def delete(asked: Asked) -> Answer:
    """Into the bin, from where it can be brought back."""
    from app.cases.register import remove
    from app.records import record_type

    cls = record_type(asked.type)
    with asked.writing() as (store, by):
        changes = remove(store, by, store.require(cls, asked.id))
    return Answer({"deleted": asked.id, "batch": changes.batch}, ("已放进回收站。",))


def history(asked: Asked) -> Answer:
    """Who changed what, when, from what into what."""
    from app.clock import CHINA

    with asked.open() as store:
        _require_read(actor(store), asked.type)
        found = store.history(asked.type, asked.id)
    value = [
        {"at": change.at.isoformat(), "author": change.author, "verb": change.verb, "state": change.state,
         "before": dict(change.before), "after": dict(change.after), "batch": change.batch}
        for change in found
    ]  # fmt: skip
    lines = [
        f"{change.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {change.author}  {change.verb}  "
        + json.dumps(dict(change.after), ensure_ascii=False)
        for change in found
    ]
    return Answer(value, lines or ("没有改动历史。",))


def transfer(asked: Asked) -> Answer:
    """The whole file, with the family that goes along; it leaves this desk with the next exchange."""
    from app.cases.transfer import transfer as hand_over
    from app.cases.transfer import village_named
    from app.records.divisions import short_name

    with asked.writing() as (store, by):
        org = village_named(asked.to, by.org)
        event = hand_over(store, by, asked.id, org)
    value = {"batch": event.changes.batch, "org": org, "ids": sorted(event.changes.ids)}
    return Answer(value, (f"已转到{short_name(org)}。", *event.to_do))


def undo(asked: Asked) -> Answer:
    """Take a batch back; what was changed since stays and is named."""
    with asked.writing() as (store, by):
        undone = store.undo(by, asked.batch)
    kept = [{"type": type_name, "id": id_} for type_name, id_ in undone.kept]
    notes = (f"有 {len(kept)} 条后来又改过，留着没有动。",) if kept else ()
    return Answer({"undone": len(undone.changes.ids), "kept": kept}, (f"已撤销 {len(undone.changes.ids)} 条。",), notes)


def due(asked: Asked) -> Answer:
    """Visits due and overdue, with the rule that says so."""
    from app.cases import agenda

    on = _day(asked.on) if asked.on else asked.today()
    with asked.open() as store:
        found = agenda.whom_to_visit(store, on, limit=100_000)
    value = [
        {"id": visit.id, "kind": visit.kind, "name": visit.name, "village_group": visit.village_group,
         "due_on": visit.due_on.isoformat(), "overdue_days": visit.overdue, "mode": str(visit.mode),
         "rule": visit.rule, "reason": visit.reason}
        for visit in found.visits
    ]  # fmt: skip
    lines = [f"{visit.village_group}  {visit.name}  {visit.reason}" for visit in found.visits]
    return Answer(value, lines or ("没有到期的走访。",))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue(f"没有算。「{text[:20]}」不是日期。", advice="请写成 2026-03-05 这样。") from None
