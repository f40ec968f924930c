"""Rules as data: sourced, dated, replaceable by the county, and refused when they are broken."""

import json
from datetime import date
from pathlib import Path

import pytest

from app.paths import resource
from app.policy.rules import RulesDamaged, load, load_rules
from app.records.codes import code_list

RULES = load()
GROUNDS = [
    rule.ground
    for group in (RULES.intervals, RULES.events, RULES.rounds, RULES.definitions, RULES.ages)
    for rule in group
]


def test_every_rule_says_where_it_comes_from() -> None:
    assert len({ground.id for ground in GROUNDS}) == len(GROUNDS)
    for ground in GROUNDS:
        assert ground.source
        assert ground.default == (ground.mark == "D")
        assert not ground.confirmed_by_county
        assert ground.legal_basis or ground.mark != "S"


def test_the_default_intervals_are_those_of_the_reference() -> None:
    days = {rule.ground.id: rule.days for rule in (*RULES.intervals, *RULES.events)}
    assert days["child-high"] == 7
    assert days["child-medium"] == 30
    assert days["child-low"] == 90
    assert days["child-none"] == 180
    assert days["new-lead"] == 3
    assert days["major-change"] == 1


def test_rules_use_codes_that_exist() -> None:
    risks = code_list("risk_level")
    assert all(rule.risk_level in (None, "") or rule.risk_level in risks for rule in RULES.intervals)
    categories = code_list("child_category")
    assert all(rule.category in categories for rule in RULES.definitions)
    assert all(name in categories for rule in RULES.events for name in rule.categories)
    situations = code_list("parent_situation")
    assert all(name in situations for rule in RULES.definitions for name in rule.situations)


@pytest.mark.parametrize(
    "on, rule",
    [
        (date(2019, 12, 31), None),
        (date(2020, 6, 1), "de-facto-2019"),
        (date(2020, 12, 31), "de-facto-2019"),
        (date(2021, 1, 1), "de-facto-2021"),
        (date(2026, 11, 24), "de-facto-2021"),
    ],
)
def test_one_definition_holds_on_each_day(on: date, rule: str | None) -> None:
    found = RULES.definition("de_facto_unattended", on)
    assert (found.ground.id if found else None) == rule


def copied(folder: Path) -> Path:
    for name in ("visits.json", "categories.json", "ages.json"):
        (folder / name).write_text(resource("rules", name).read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def test_a_county_replaces_a_default_and_keeps_the_others(tmp_path: Path) -> None:
    own = json.loads(resource("rules", "visits.json").read_text(encoding="utf-8"))["intervals"][0]
    own |= {"days": 5, "default": False, "confirmed_by_county": True, "mark": "S", "source": "县里 2026 年通知"}
    (tmp_path / "visits.json").write_text(json.dumps({"intervals": [own]}), encoding="utf-8")
    rules = load_rules(resource("rules"), tmp_path)
    days = {rule.ground.id: rule.days for rule in rules.intervals}
    assert days["child-high"] == 5
    assert days["child-medium"] == 30
    assert len(rules.intervals) == len(RULES.intervals)
    assert rules.ages == RULES.ages


@pytest.mark.parametrize(
    "change",
    [
        {"days": 0},
        {"mark": "X"},
        {"source": ""},
        {"valid_from": "2026-02-30"},
        {"subject": "cat"},
        {"words": None, "days": "x"},
        {"valid_from": "2026-01-02", "valid_to": "2026-01-01"},
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    content = json.loads(copied(tmp_path).joinpath("visits.json").read_text(encoding="utf-8"))
    content["intervals"][0] |= change
    (tmp_path / "visits.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(RulesDamaged, match="child-high"):
        load_rules(tmp_path)


def test_a_rule_given_twice_is_refused(tmp_path: Path) -> None:
    content = json.loads(copied(tmp_path).joinpath("ages.json").read_text(encoding="utf-8"))
    content["alarms"].append(content["alarms"][0])
    (tmp_path / "ages.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(RulesDamaged, match="age-3"):
        load_rules(tmp_path)


def test_a_file_that_is_no_file_of_rules_says_that_the_data_are_safe(tmp_path: Path) -> None:
    copied(tmp_path).joinpath("visits.json").write_text("{", encoding="utf-8")
    with pytest.raises(RulesDamaged, match="您的资料没有受影响"):
        load_rules(tmp_path)
    with pytest.raises(RulesDamaged, match="visits"):
        load_rules(tmp_path / "nowhere")
