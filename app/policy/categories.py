"""Which categories a child may fit, and what is still to be known: never "qualified", always to be checked.

A finding that says UNKNOWN names the facts that would decide it, so that the next visit can ask for them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.policy.rules import Definition, Rules
from app.records.codes import code_list
from app.records.dates import full_age, turns

LOST = frozenset({"dead", "declared_missing"})
UNABLE = frozenset({"serious_disability", "serious_illness"})
"""What takes away the ability to guard, in the words of 国发〔2016〕13号."""

TERMED = {
    "imprisoned": "服刑的期限",
    "drug_detox": "强制戒毒的期限",
    "restricted": "限制人身自由的期限",
    "lost_contact": "从何时失联",
}
"""Situations that count only from six months, and the fact that tells."""

MENTAL_OR_INTELLECTUAL = frozenset({"65", "66"})


class Fit(StrEnum):
    """Whether somebody may fit."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Parent:
    """What is known of one parent; None is not known. Codes of ``parent_situation`` and of disability lists.

    ``since`` and ``until`` bound the situation: a sentence, the loss of contact, the work away from home.
    """

    situation: str | None = None
    since: date | None = None
    until: date | None = None
    disability_level: str | None = None
    disability_types: frozenset[str] = frozenset()
    outside_county: bool | None = None


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What is known of a child and both parents."""

    birth_date: date | None
    father: Parent
    mother: Parent
    hukou_nature: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a child may belong to a category on a day.

    ``reasons`` and ``missing`` are Chinese phrases; ``review_on`` is the day on which it may end: a release, the
    end of detoxification, the age limit.
    """

    category: str
    fit: Fit
    rule: str
    legal_basis: str
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    review_on: date | None = None

    @property
    def words(self) -> str:
        """可能符合，建议核实, or what else to say."""
        if self.fit is Fit.YES:
            return "可能符合，建议核实"
        return "不符合" if self.fit is Fit.NO else "还缺：" + "、".join(self.missing)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One parent against a definition."""

    fit: Fit
    reason: str = ""
    missing: str = ""


def findings(child: ChildFacts, on: date, rules: Rules) -> tuple[Finding, ...]:
    """Every category that the rules of the day know."""
    judges = (orphan, de_facto_unattended, left_behind_rural, left_behind_yn)
    return tuple(found for judge in judges if (found := judge(child, on, rules)))


def orphan(child: ChildFacts, on: date, rules: Rules) -> Finding | None:
    """Both parents lost, or neither can be found. None when no rule is in force."""
    return _judged("orphan", child, on, rules, _lost_or_not_found)


def de_facto_unattended(child: ChildFacts, on: date, rules: Rules) -> Finding | None:
    """民发〔2019〕62号 and 〔2020〕125号: both parents fit a situation, or one is lost and the other fits one."""
    if _both(child, LOST):
        definition = rules.definition("de_facto_unattended", on)
        reason = "父母都去世或失踪，应按孤儿办理"
        return _finding(definition, Fit.NO, (reason,)) if definition else None
    return _judged("de_facto_unattended", child, on, rules, _lost_or_unable)


def left_behind_rural(child: ChildFacts, on: date, rules: Rules) -> Finding | None:
    """国发〔2016〕13号: rural registration, both parents away, or one away and the other unable."""
    return _judged_left_behind("left_behind_rural", child, on, rules)


def left_behind_yn(child: ChildFacts, on: date, rules: Rules) -> Finding | None:
    """Yunnan's plan of 2024: away from the county for three months and more, whatever the registration."""
    return _judged_left_behind("left_behind_yn", child, on, rules)


_JudgeParent = Callable[[Parent, str, Definition, date], _Judged]


def _judged(category: str, child: ChildFacts, on: date, rules: Rules, judge: _JudgeParent) -> Finding | None:
    definition = rules.definition(category, on)
    if definition is None:
        return None
    judged = [judge(parent, who, definition, on) for parent, who in _parents(child)]
    return _concluded(definition, child, on, [_judged_age(child, definition, on), *judged])


def _judged_left_behind(category: str, child: ChildFacts, on: date, rules: Rules) -> Finding | None:
    definition = rules.definition(category, on)
    if definition is None:
        return None
    judged = [_judged_age(child, definition, on), *_judged_parents_away(child, definition, on)]
    if definition.rural_only:
        judged.append(_judged_registration(child))
    return _concluded(definition, child, on, judged)


def _concluded(definition: Definition, child: ChildFacts, on: date, judged: list[_Judged]) -> Finding:
    """No beats unknown, unknown beats yes."""
    against = _phrases(one.reason for one in judged if one.fit is Fit.NO)
    if any(one.fit is Fit.NO for one in judged):
        return _finding(definition, Fit.NO, against)
    fit = Fit.UNKNOWN if any(one.fit is Fit.UNKNOWN for one in judged) else Fit.YES
    reasons, missing = _phrases(one.reason for one in judged), _phrases(one.missing for one in judged)
    return _finding(definition, fit, reasons, missing, _review_on(child, definition, on))


def _phrases(said: Iterable[str]) -> tuple[str, ...]:
    """Each phrase once, in the order in which they came."""
    return tuple(dict.fromkeys(phrase for phrase in said if phrase))


def _finding(
    definition: Definition,
    fit: Fit,
    reasons: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    review_on: date | None = None,
) -> Finding:
    ground = definition.ground
    return Finding(definition.category, fit, ground.id, ground.legal_basis, reasons, missing, review_on)


def _judged_age(child: ChildFacts, definition: Definition, on: date) -> _Judged:
    if child.birth_date is None:
        return _Judged(Fit.UNKNOWN, missing="孩子的出生日期")
    if full_age(child.birth_date, on) >= definition.under_age:
        return _Judged(Fit.NO, f"已满 {definition.under_age} 周岁")
    return _Judged(Fit.YES)


def _judged_registration(child: ChildFacts) -> _Judged:
    if child.hukou_nature is None:
        return _Judged(Fit.UNKNOWN, missing="户籍性质")
    if child.hukou_nature != "rural":
        return _Judged(Fit.NO, "不是农村户籍")
    return _Judged(Fit.YES)


def _lost_or_not_found(parent: Parent, who: str, _definition: Definition, _on: date) -> _Judged:
    if parent.situation in (None, "unknown"):
        return _unknown(who)
    lost = parent.situation in LOST or parent.situation == "cannot_be_found"
    return _Judged(Fit.YES if lost else Fit.NO, _said(parent, who))


def _lost_or_unable(parent: Parent, who: str, definition: Definition, on: date) -> _Judged:
    """One parent against 民发〔2019〕62号; that not both are merely lost is seen to before."""
    situation = parent.situation
    if situation in (None, "unknown"):
        return _unknown(who)
    if situation in LOST:
        return _Judged(Fit.YES, _said(parent, who))
    if situation not in definition.situations:
        return _Judged(Fit.NO, _said(parent, who))
    if situation == "serious_disability":
        return _judged_disability(parent, who)
    if situation in TERMED:
        return _judged_term(parent, who, definition.months, on)
    return _Judged(Fit.YES, _said(parent, who))


def _judged_disability(parent: Parent, who: str) -> _Judged:
    """Levels 1 and 2, or 3 and 4 when mental or intellectual."""
    if parent.disability_level is None:
        return _Judged(Fit.UNKNOWN, _said(parent, who), f"{who}的残疾等级")
    if parent.disability_level in ("1", "2") or parent.disability_types & MENTAL_OR_INTELLECTUAL:
        return _Judged(Fit.YES, _said(parent, who))
    if not parent.disability_types:
        return _Judged(Fit.UNKNOWN, _said(parent, who), f"{who}的残疾类别")
    level = code_list("disability_level").label(parent.disability_level)
    return _Judged(Fit.NO, f"{who}残疾{level}，不算重残")


def _judged_term(parent: Parent, who: str, months: int, on: date) -> _Judged:
    """A term of so many months, whether it has passed or is still to be served."""
    situation = parent.situation or ""
    label = code_list("parent_situation").label(situation)
    if parent.until and parent.until < on:
        return _Judged(Fit.NO, f"{who}{label}已经结束")
    end = parent.until if situation != "lost_contact" else on
    if parent.since and _months_later(parent.since, months) <= (end or on):
        return _Judged(Fit.YES, _said(parent, who))
    if parent.since and end:
        return _Judged(Fit.NO, f"{who}{label}不满 {months} 个月")
    return _Judged(Fit.UNKNOWN, _said(parent, who), who + TERMED[situation])


def _judged_parents_away(child: ChildFacts, definition: Definition, on: date) -> list[_Judged]:
    """Each parent is away or unable to guard, and at least one is away."""
    parents = _parents(child)
    away = [_judged_away(parent, who, definition, on) for parent, who in parents]
    unable = [_judged_unable(parent, who) for parent, who in parents]
    return [_either(*away), *(_either(*pair) for pair in zip(away, unable, strict=True))]


def _either(one: _Judged, other: _Judged) -> _Judged:
    """Yes beats unknown, unknown beats no."""
    for fit in (Fit.YES, Fit.UNKNOWN):
        for judged in (one, other):
            if judged.fit is fit:
                return judged
    return one


def _judged_unable(parent: Parent, who: str) -> _Judged:
    if parent.situation in UNABLE:
        return _Judged(Fit.YES, _said(parent, who))
    if parent.situation in (None, "unknown"):
        return _unknown(who)
    if parent.situation in ("normal", "other", "working_away"):
        return _Judged(Fit.NO, f"{who}{'在家' if parent.situation == 'normal' else '没有丧失监护能力'}")
    # The documents name illness and disability only; death, prison and the rest are for the county to say.
    said = _said(parent, who)
    return _Judged(Fit.UNKNOWN, said, f"{said}，是否算没有监护能力（按县里口径）")


def _judged_away(parent: Parent, who: str, definition: Definition, on: date) -> _Judged:
    if parent.situation in (None, "unknown"):
        return _unknown(who)
    if parent.situation != "working_away" or (parent.until and parent.until < on):
        return _Judged(Fit.NO, f"{who}没有外出务工")
    if definition.outside_county and parent.outside_county is None:
        return _Judged(Fit.UNKNOWN, _said(parent, who), f"{who}是否在县外务工")
    if definition.outside_county and not parent.outside_county:
        return _Judged(Fit.NO, f"{who}在县内务工")
    if definition.months and parent.since is None:
        return _Judged(Fit.UNKNOWN, _said(parent, who), f"{who}从何时外出")
    if parent.since and _months_later(parent.since, definition.months) > on:
        return _Judged(Fit.NO, f"{who}外出不满 {definition.months} 个月")
    return _Judged(Fit.YES, _said(parent, who))


def _review_on(child: ChildFacts, definition: Definition, on: date) -> date | None:
    """The first day that may change the finding."""
    days = [parent.until for parent, _ in _parents(child) if parent.until and parent.until >= on]
    if child.birth_date:
        days.append(turns(child.birth_date, definition.under_age))
    return min(days, default=None)


def _parents(child: ChildFacts) -> tuple[tuple[Parent, str], tuple[Parent, str]]:
    return (child.father, "父亲"), (child.mother, "母亲")


def _both(child: ChildFacts, situations: frozenset[str]) -> bool:
    return all(parent.situation in situations for parent, _ in _parents(child))


def _said(parent: Parent, who: str) -> str:
    return who + code_list("parent_situation").label(parent.situation)


def _unknown(who: str) -> _Judged:
    return _Judged(Fit.UNKNOWN, missing=f"{who}的情况")


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
