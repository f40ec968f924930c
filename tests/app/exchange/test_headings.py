"""What the columns of a ledger mean."""

from __future__ import annotations

import pytest

from app.exchange.headings import Heading, part_fields, signature, suggest, targets
from app.exchange.vocabulary import vocabulary


def guesses(*texts: str | tuple[str, ...], kind: str = "child", remembered=None) -> list:
    headings = [Heading(i, (text,) if isinstance(text, str) else text) for i, text in enumerate(texts)]
    return list(suggest(headings, kind, remembered))


def meant(*texts: str | tuple[str, ...], kind: str = "child") -> list[str]:
    return [guess.target for guess in guesses(*texts, kind=kind)]


@pytest.mark.parametrize(
    "text, target",
    [
        ("姓 名*", "subject.name"),
        ("儿童姓名", "subject.name"),
        ("学生", "subject.name"),
        ("公民身份号码", "subject.id_number"),
        ("出生年月（公历）", "subject.birth_date"),
        ("父亲身份证号", "father.id_number"),
        ("联系电话（母亲）", "mother.phones"),
        ("父亲", "father.name"),
        ("母亲情况", "mother.situation"),
        ("监护人与儿童的关系", "caregiver.relation"),
        ("受委托照料人姓名及电话", "caregiver.name+phones"),
        ("户主", "household.head_name"),
        ("家庭住址", "household.address"),
        ("是否低保户", "subject.help_measures=dibao"),
        ("与户主关系", "subject.relation_to_head"),
        ("残疾类别及等级", "subject.disability"),
        ("序号", ""),
        ("年龄(岁)", ""),
    ],
)
def test_usual_wordings_are_known(text, target):
    [guess] = guesses(text)
    assert (guess.target, guess.confidence) == (target, 1.0)


def test_the_order_of_columns_does_not_matter():
    assert meant("备注", "身份证号", "姓名") == ["subject.note", "subject.id_number", "subject.name"]


def test_a_heading_without_a_person_belongs_to_the_person_before():
    assert meant("姓名", "身份证号", "父亲姓名", "身份证号", "电话", "母亲姓名", "身份证号", "电话", "备注") == [
        "subject.name", "subject.id_number", "father.name", "father.id_number", "father.phones",
        "mother.name", "mother.id_number", "mother.phones", "subject.note",
    ]  # fmt: skip


def test_a_merged_heading_above_says_whose_column_it_is():
    assert meant(("监护人情况", "姓名"), ("监护人情况", "健康状况"), ("儿童基本情况", "姓名")) == [
        "caregiver.name", "caregiver.health", "subject.name",
    ]  # fmt: skip


def test_a_child_has_no_phone_so_a_bare_phone_is_the_households():
    assert meant("姓名", "联系电话") == ["subject.name", "household.phones"]
    assert meant("姓名", "联系电话", kind="elder") == ["subject.name", "subject.phones"]


def test_what_only_looks_alike_is_suggested_with_less_confidence():
    [guess] = guesses("户籍所再地")
    assert guess.target == "subject.registered_address"
    assert 0 < guess.confidence < 0.7


def test_what_is_not_known_goes_nowhere_and_is_said():
    [guess] = guesses("爷爷的拖拉机")
    assert (guess.target, guess.confidence) == ("", 0.0)


def test_a_second_column_of_the_same_meaning_is_left_out_but_phones_are_joined():
    assert meant("姓名", "姓名", "父亲电话", "父亲手机") == ["subject.name", "", "father.phones", "father.phones"]


def test_a_confirmed_mapping_is_remembered_for_the_same_headings_only():
    headings = [Heading(0, ("姓名",)), Heading(1, ("秘密",))]
    remembered = {signature(headings): ["subject.name", "subject.note"]}
    assert [g.target for g in suggest(headings, "child", remembered)] == ["subject.name", "subject.note"]
    assert [g.target for g in guesses("秘密", "姓名", remembered=remembered)] == ["", "subject.name"]


def test_spaces_and_stars_do_not_change_a_signature():
    assert signature([Heading(0, ("姓 名*",))]) == signature([Heading(0, ("姓名",))])


@pytest.mark.parametrize("kind", ["child", "elder"])
def test_every_target_has_a_label(kind):
    assert all(targets(kind).values())


def test_every_word_of_the_vocabulary_leads_to_a_field_of_some_record():
    special = {"name+phones", "disability", "village"}
    known = {n for kind in ("child", "elder") for p in ("subject", "father", "household") for n in part_fields(kind, p)}
    named = {field.partition("=")[0] for meanings in vocabulary().fields.values() for field, _ in meanings}
    assert named - special <= known
