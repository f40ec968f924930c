"""Categories of children from what is known of their parents; people and dates are invented."""

from dataclasses import replace
from datetime import date

import pytest

from app.policy.categories import (
    ChildFacts,
    Finding,
    Fit,
    Parent,
    de_facto_unattended,
    findings,
    left_behind_rural,
    left_behind_yn,
    orphan,
)
from app.policy.rules import Rules, load

RULES = load()
TODAY = date(2026, 11, 24)
BORN = date(2016, 5, 20)

DEAD = Parent("dead")
MISSING = Parent("declared_missing")
ILL = Parent("serious_illness")
MENTAL = Parent("serious_disability", disability_level="3", disability_types=frozenset({"66"}))
SEVERE = Parent("serious_disability", disability_level="2", disability_types=frozenset({"64"}))
MILD = Parent("serious_disability", disability_level="3", disability_types=frozenset({"64"}))
IN_PRISON = Parent("imprisoned", since=date(2026, 8, 1), until=date(2028, 2, 1))
SHORT_TERM = Parent("imprisoned", since=date(2026, 8, 1), until=date(2026, 12, 1))
LONG_GONE = Parent("lost_contact", since=date(2025, 1, 1))
JUST_GONE = Parent("lost_contact", since=date(2026, 9, 1))
REVOKED = Parent("guardianship_revoked")
DEPORTED = Parent("deported")
HOME = Parent("normal")
AWAY = Parent("working_away", since=date(2026, 2, 20), outside_county=True)
NOT_KNOWN = Parent()


def family(father: Parent, mother: Parent, **changes: object) -> ChildFacts:
    return replace(ChildFacts(BORN, father, mother, "rural"), **changes)  # type: ignore[arg-type]


def found(finding: Finding | None) -> Finding:
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    "father, mother, fit",
    [
        (ILL, MENTAL, Fit.YES),
        (SEVERE, LONG_GONE, Fit.YES),
        (IN_PRISON, REVOKED, Fit.YES),
        (DEPORTED, ILL, Fit.YES),
        (DEAD, ILL, Fit.YES),
        (MISSING, IN_PRISON, Fit.YES),
        (LONG_GONE, DEAD, Fit.YES),
        (DEAD, DEAD, Fit.NO),
        (DEAD, MISSING, Fit.NO),
        (ILL, HOME, Fit.NO),
        (DEAD, HOME, Fit.NO),
        (DEAD, AWAY, Fit.NO),
        (ILL, MILD, Fit.NO),
        (ILL, SHORT_TERM, Fit.NO),
        (ILL, JUST_GONE, Fit.NO),
        (NOT_KNOWN, HOME, Fit.NO),
        (ILL, NOT_KNOWN, Fit.UNKNOWN),
        (ILL, Parent("imprisoned"), Fit.UNKNOWN),
        (ILL, Parent("serious_disability"), Fit.UNKNOWN),
        (ILL, Parent("lost_contact"), Fit.UNKNOWN),
    ],
)
def test_de_facto_unattended_needs_both_parents(father: Parent, mother: Parent, fit: Fit) -> None:
    assert found(de_facto_unattended(family(father, mother), TODAY, RULES)).fit is fit
    assert found(de_facto_unattended(family(mother, father), TODAY, RULES)).fit is fit


def test_the_three_children_of_an_ill_father_and_a_mentally_disabled_mother_may_all_fit() -> None:
    for born in (date(2016, 3, 1), date(2018, 7, 9), date(2021, 11, 2)):
        finding = found(de_facto_unattended(family(ILL, MENTAL, birth_date=born), TODAY, RULES))
        assert finding.words == "可能符合，建议核实"
        assert finding.reasons == ("父亲重病", "母亲重残")
        assert "125号" in finding.legal_basis


def test_both_parents_lost_is_an_orphan_and_not_de_facto_unattended() -> None:
    assert found(orphan(family(DEAD, MISSING), TODAY, RULES)).fit is Fit.YES
    assert "孤儿" in found(de_facto_unattended(family(DEAD, MISSING), TODAY, RULES)).reasons[0]
    assert found(orphan(family(Parent("cannot_be_found"), Parent("cannot_be_found")), TODAY, RULES)).fit is Fit.YES
    assert found(orphan(family(DEAD, HOME), TODAY, RULES)).fit is Fit.NO
    assert found(orphan(family(DEAD, NOT_KNOWN), TODAY, RULES)).missing == ("母亲的情况",)


def test_what_is_missing_is_asked_for_by_name() -> None:
    finding = found(de_facto_unattended(family(Parent("lost_contact"), Parent("serious_disability")), TODAY, RULES))
    assert finding.missing == ("父亲从何时失联", "母亲的残疾等级")
    assert finding.words == "还缺：父亲从何时失联、母亲的残疾等级"
    assert found(de_facto_unattended(family(ILL, ILL, birth_date=None), TODAY, RULES)).missing == ("孩子的出生日期",)


def test_adults_do_not_fit_and_the_birthday_itself_still_does() -> None:
    born = date(2008, 11, 24)
    assert found(de_facto_unattended(family(ILL, ILL, birth_date=born), TODAY, RULES)).fit is Fit.YES
    assert found(de_facto_unattended(family(ILL, ILL, birth_date=born), date(2026, 11, 25), RULES)).fit is Fit.NO


def test_a_finding_names_the_day_on_which_to_look_again() -> None:
    assert found(de_facto_unattended(family(IN_PRISON, ILL), TODAY, RULES)).review_on == date(2028, 2, 1)
    assert found(de_facto_unattended(family(ILL, ILL), TODAY, RULES)).review_on == date(2034, 5, 21)


def test_a_sentence_that_is_over_no_longer_counts() -> None:
    assert found(de_facto_unattended(family(IN_PRISON, ILL), date(2028, 2, 2), RULES)).fit is Fit.NO


def test_situations_added_in_2020_do_not_count_before() -> None:
    facts = family(DEPORTED, ILL, birth_date=date(2015, 1, 1))
    assert found(de_facto_unattended(facts, date(2020, 6, 1), RULES)).fit is Fit.NO
    assert found(de_facto_unattended(facts, date(2021, 6, 1), RULES)).fit is Fit.YES
    assert de_facto_unattended(facts, date(2019, 6, 1), RULES) is None


@pytest.mark.parametrize(
    "father, mother, national, yunnan",
    [
        (AWAY, AWAY, Fit.YES, Fit.YES),
        (AWAY, ILL, Fit.YES, Fit.YES),
        (AWAY, HOME, Fit.NO, Fit.NO),
        (HOME, HOME, Fit.NO, Fit.NO),
        (ILL, MENTAL, Fit.NO, Fit.NO),
        (AWAY, replace(AWAY, outside_county=False), Fit.YES, Fit.NO),
        (AWAY, replace(AWAY, outside_county=None), Fit.YES, Fit.UNKNOWN),
        (AWAY, replace(AWAY, since=None), Fit.YES, Fit.UNKNOWN),
        (AWAY, replace(AWAY, since=date(2026, 10, 1)), Fit.YES, Fit.NO),
        (AWAY, replace(AWAY, since=date(2026, 8, 24)), Fit.YES, Fit.YES),
        (AWAY, replace(AWAY, until=date(2026, 11, 1)), Fit.NO, Fit.NO),
        (AWAY, DEAD, Fit.UNKNOWN, Fit.UNKNOWN),
        (AWAY, NOT_KNOWN, Fit.UNKNOWN, Fit.UNKNOWN),
        (HOME, NOT_KNOWN, Fit.NO, Fit.NO),
    ],
)
def test_left_behind_by_the_nation_and_by_yunnan(father: Parent, mother: Parent, national: Fit, yunnan: Fit) -> None:
    for facts in (family(father, mother), family(mother, father)):
        assert found(left_behind_rural(facts, TODAY, RULES)).fit is national
        assert found(left_behind_yn(facts, TODAY, RULES)).fit is yunnan


@pytest.mark.parametrize("hukou, national", [("rural", Fit.YES), ("urban", Fit.NO), (None, Fit.UNKNOWN)])
def test_only_the_nation_asks_for_a_rural_registration(hukou: str | None, national: Fit) -> None:
    facts = family(AWAY, AWAY, hukou_nature=hukou)
    assert found(left_behind_rural(facts, TODAY, RULES)).fit is national
    assert found(left_behind_yn(facts, TODAY, RULES)).fit is Fit.YES


def test_a_left_behind_child_is_one_until_sixteen() -> None:
    facts = family(AWAY, AWAY, birth_date=date(2010, 11, 24))
    assert found(left_behind_rural(facts, TODAY, RULES)).fit is Fit.YES
    assert found(left_behind_rural(facts, date(2026, 11, 25), RULES)).reasons == ("已满 16 周岁",)


def test_a_dead_parent_beside_one_who_is_away_is_left_to_the_county() -> None:
    assert "按县里口径" in found(left_behind_rural(family(AWAY, DEAD), TODAY, RULES)).missing[0]


def test_every_category_is_judged_that_has_a_rule_on_the_day() -> None:
    assert [finding.category for finding in findings(family(AWAY, AWAY), TODAY, RULES)] == [
        "orphan",
        "de_facto_unattended",
        "left_behind_rural",
        "left_behind_yn",
    ]
    assert [finding.category for finding in findings(family(AWAY, AWAY), date(2018, 1, 1), RULES)] == [
        "orphan",
        "left_behind_rural",
    ]


def test_without_rules_nothing_is_said() -> None:
    assert findings(family(DEAD, DEAD), TODAY, Rules((), (), (), (), ())) == ()
