"""Exchange with the county, and what came of it: differing edits to settle, and what was not taken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from app.errors import UserError
from ui.commands.answer import Answer, Asked, actor
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from app.cases.conflicts import Difference
    from app.cases.proposals import Key, Proposed
    from app.cases.rejections import Refused
    from app.store.workspace import Workspace

KEEP = ("mine", "theirs", "both")
TOLD = (
    "sent", "received", "conflicts", "rejections", "photos_waiting", "requests", "bytes_up", "bytes_down", "delivered",
)  # fmt: skip


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    joined = parser.verb("join", join, "用一次性注册码加入县里")
    joined.takes("--county", required=True, metavar="网址", help="县级服务器的网址")
    joined.takes("--enrol", required=True, metavar="注册码", help="县里给的一次性注册码")
    joined.takes("--authority", default="", metavar="文件", help="县里自己发的根证书（PEM）；用公认的证书时不写")
    parser.verb("sync", sync, "和县里收发一次")
    parser.verb("conflicts", conflicts, "两边改得不一样、还没有定的")
    settled = parser.verb("resolve", resolve, "定下两边改得不一样的一条")
    settled.takes("id", metavar="编号", help="conflicts 里的编号")
    settled.takes("--keep", required=True, metavar="哪个", help="mine 用我的，theirs 用对方的，both 都保留，或写新的值")
    parser.verb("rejections", rejections, "县里没有收下的")
    aside = parser.verb("put-aside", put_aside, "收起一条县里没有收下的：改好了，或者不要了")
    aside.takes("id", metavar="编号", help="rejections 里的编号")
    aside.takes("--as", dest="state", required=True, choices=("mended", "withdrawn"), metavar="怎样",
                help="mended 另外改好了，withdrawn 不要了")  # fmt: skip
    parser.verb("proposals", proposals, "别的村转来的修改，还没有定的")
    answered = parser.verb("answer", answer, "定下一条转来的修改：采用、只用几项，或不用")
    answered.takes("id", metavar="编号", help="proposals 里的编号")
    chosen = {"nargs": "*", "metavar": "第几项", "type": int}
    answered.takes("--accept", help="采用；后面写第几项就只用那几项，不写就全用", **chosen)
    answered.takes("--decline", help="不用", action="store_true")


def join(asked: Asked) -> Answer:
    """Everything recorded so far goes to the county with the next exchange."""
    with asked.writing() as (store, _):
        value = join_county(store, asked.county, asked.enrol, asked.authority)
    return Answer(value, (f"已加入{value['name']}。现在可以收发：shouwang sync",))


def join_county(store: Workspace, url: str, code: str, authority: str = "") -> dict[str, Any]:
    """Join with a one-time code. Raises what ``joining.join`` raises; nothing has changed then."""
    from ui.joining import join

    welcome = join(store, url, code, authority)
    return {"name": welcome.terms.name, "county": welcome.terms.county, "post": welcome.name}


def sync(asked: Asked) -> Answer:
    """One exchange, with what it sent and received."""
    from app.records import Conflict
    from sync.client import engine
    from sync.client.http import HttpCounty
    from sync.client.moved import in_words
    from ui.exchange_list import listed

    with asked.open() as store:
        county = HttpCounty.of(store)
        try:
            outcome = listed(store, lambda: engine.exchange(county, store, _tell))
        finally:
            county.close()
        waiting, open_now = engine.pending(store), store.count(Conflict, state="open")
    moved = in_words(outcome.moved)
    value = {name: getattr(outcome, name) for name in TOLD} | {
        "seconds": round(outcome.seconds, 3), "moved": list(moved),
    }  # fmt: skip
    state = "已全部送到" if outcome.delivered else f"{waiting} 条待送" if waiting else "还有对不上的"
    lines = [f"{state}：送出 {outcome.sent}，收到 {outcome.received}，用时 {outcome.seconds:.1f} 秒。"]
    if open_now:
        lines.append(f"有 {open_now} 处两边改得不一样，还没有定：shouwang conflicts")
    if outcome.rejections:
        lines.append(f"有 {outcome.rejections} 条县里没有收下：shouwang rejections")
    return Answer(value, (*lines, *moved))


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        print(words, file=sys.stderr)


def conflicts(asked: Asked) -> Answer:
    """Mine, theirs and before, side by side."""
    from app.cases.conflicts import open_conflicts

    with asked.open() as store:
        found = open_conflicts(store, actor(store))
    lines = [
        f"{each.conflict.id}  {each.person} {each.item}：我的「{each.mine.words}」，对方的「{each.theirs.words}」"
        f"（{each.theirs.by}）{'，需要核对' if each.conflict.must_ask else ''}{_settled_apart(each)}"
        for each in found
    ]
    return Answer([_told(each) for each in found], lines or ("没有要定的。",))


def _settled_apart(each: Difference) -> str:
    chosen = "，".join(f"{side.by} 定为「{side.words}」" for side in each.settled)
    return f"；两个人定得不一样：{chosen}" if chosen else ""


def _told(each: Difference) -> dict[str, Any]:
    conflict = each.conflict
    return {
        "id": conflict.id, "type": conflict.about_type, "record": conflict.about, "part": conflict.part,
        "mine": each.mine.value, "theirs": each.theirs.value, "before": each.before, "theirs_by": each.theirs.by,
        "must_ask": bool(conflict.must_ask),
        "settled": [{"value": side.value, "by": side.by, "at": side.at} for side in each.settled],
    }  # fmt: skip


def resolve(asked: Asked) -> Answer:
    """Settle one: by a side, by both, or by a value of one's own (as JSON, or as plain text)."""
    from app.cases.conflicts import OTHER, settle, typed
    from app.records import Conflict

    text = asked.keep.strip()
    if not text:
        raise UserError("没有改动。--keep 后面是空的。", advice="请写 mine、theirs、both，或一个新的值。")
    with asked.writing() as (store, by):
        conflict = store.require(Conflict, asked.id)
        keep, value = (text, None) if text in KEEP else (OTHER, typed(conflict, text))
        changes = settle(store, by, conflict, keep, value)
    return Answer({"settled": asked.id, "batch": changes.batch}, ("已定下，下次收发时送到县里。",))


def rejections(asked: Asked) -> Answer:
    """What the county could not take, why, and what was in it."""
    from app.cases.rejections import open_rejections

    with asked.open() as store:
        found = open_rejections(store)
    value = [
        {"id": each.id, "type": each.about_type, "record": each.about, "reason": each.reason,
         "explanation": each.explanation, "content": each.content}
        for each in (refused.rejection for refused in found)
    ]  # fmt: skip
    lines = [line for each in found for line in _refused_lines(each)]
    return Answer(value, lines or ("县里都收下了。",))


def _refused_lines(each: Refused) -> list[str]:
    about = f"{each.person}　" if each.person else ""
    heading = f"{each.rejection.id}  {about}{each.reason}：{each.rejection.explanation or ''}"
    return [heading, *(f"  {what}：{words}" for what, words in each.lines)]


def put_aside(asked: Asked) -> Answer:
    """A refused save is dealt with: what was right in it has been saved anew, or nobody wants it."""
    from app.cases.rejections import settle_rejection
    from app.records import Rejection

    with asked.writing() as (store, by):
        changes = settle_rejection(store, by, store.require(Rejection, asked.id), asked.state)
    return Answer({"settled": asked.id, "state": asked.state, "batch": changes.batch}, ("已收起。",))


def proposals(asked: Asked) -> Answer:
    """What another village wrote about somebody who is here now: each item as it is, and as proposed."""
    from app.cases.proposals import open_proposals

    with asked.open() as store:
        found = open_proposals(store)
    lines = [line for each in found for line in _proposed_lines(each)]
    return Answer([_proposed(each) for each in found], lines or ("没有转来的修改。",))


def _proposed(each: Proposed) -> dict[str, Any]:
    proposal = each.proposal
    return {
        "id": proposal.id, "subject": proposal.subject, "from": proposal.from_org, "author": proposal.author,
        "own": each.is_own,
        "items": [
            {"type": item.key[0], "record": item.key[1], "part": item.key[2], "what": item.what, "now": item.now,
             "proposed": item.proposed, "can_take": item.can_take, "lines": [list(line) for line in item.lines]}
            for item in each.items
        ],
    }  # fmt: skip


def _proposed_lines(each: Proposed) -> list[str]:
    about = f"{each.person}：" if each.person else ""
    heading = f"{each.proposal.id}  {about}{each.village} {each.proposal.author or ''} 写的"
    told = [
        "；".join(f"{what}：{words}" for what, words in item.lines) if item.is_new else
        f"现在「{item.now}」，提议「{item.proposed}」" for item in each.items
    ]  # fmt: skip
    items = zip(each.items, told, strict=True)
    return [heading, *(f"  {place} {item.what}　{words}" for place, (item, words) in enumerate(items, 1))]


def answer(asked: Asked) -> Answer:
    """Settle a proposal: all of it, some of it, or nothing of it."""
    from app.cases.proposals import ACCEPTED, DECLINED, open_proposals, settle_proposal
    from app.records import Proposal

    if (asked.accept is None) == (not asked.decline):
        raise UserError("没有改动。请写 --accept 或 --decline，只写一个。")
    state = DECLINED if asked.decline else ACCEPTED
    with asked.writing() as (store, by):
        proposal = store.require(Proposal, asked.id)
        shown = next((each for each in open_proposals(store) if each.proposal.id == asked.id), None)
        changes = settle_proposal(store, by, proposal, state, _chosen(shown, asked.accept))
    words = "没有采用" if asked.decline else "已写进台账"
    return Answer({"settled": asked.id, "state": state, "batch": changes.batch}, (f"{words}，下次收发时送到县里。",))


def _chosen(shown: Proposed | None, places: list[int] | None) -> list[Key] | None:
    """The items of these numbers, counted from 1; None for all of them."""
    if not places or shown is None:
        return None
    if any(not 0 < place <= len(shown.items) for place in places):
        raise UserError(f"没有改动。只有 {len(shown.items)} 项。", advice="请照 shouwang proposals 里的号写。")
    return [shown.items[place - 1].key for place in places]
