"""A record's fields as the words and boxes of a form."""

from datetime import date

from app.paper.blocks import Text, Tick
from app.paper.entries import DAY_TO_WRITE, Entries, birth_words
from app.records.child import Child
from app.records.person import Person


def ticked(cell) -> list[str]:
    return [piece.words for piece in cell.pieces if isinstance(piece, Tick) and piece.ticked]


def test_codes_print_as_their_words():
    assert Entries(Person(ethnic_group="07")).words("ethnic_group") == "彝族"
    assert Entries(Child(categories=("orphan", "hard_case"))).words("categories") == "孤儿、困境儿童"


def test_only_what_was_chosen_is_ticked():
    assert ticked(Entries(Child(risk_level="high")).boxes("risk_level", 9)) == ["高风险"]
    assert ticked(Entries(Child()).boxes("risk_level", 9)) == []


def test_yes_and_no_are_both_open_while_it_is_not_known():
    assert ticked(Entries(Child(boards_at_school=None)).boxes("boards_at_school", 3)) == []
    assert ticked(Entries(Child(boards_at_school=False)).boxes("boards_at_school", 3)) == ["否"]


def test_a_finer_code_ticks_the_box_that_stands_for_it():
    cell = Entries(Person(health="37")).boxes("health", 21, only=("10", "30"), offered=lambda code: "30")
    assert ticked(cell) == ["慢性病"]


def test_a_choice_outside_those_offered_is_added_rather_than_lost():
    cell = Entries(Person(sex="9")).boxes("sex", 3, only=("1", "2"))
    assert ticked(cell) == ["未说明"]
    assert [piece.words for piece in cell.pieces] == ["男", "女", "未说明"]


def test_an_empty_day_leaves_room_for_a_pen():
    assert Entries(Child()).cell("registered_on", 5).pieces == (DAY_TO_WRITE,)
    assert Entries(Child(registered_on=date(2026, 3, 5))).words("registered_on") == "2026年3月5日"


def test_a_required_field_is_missing_only_while_it_is_empty_and_asked_for():
    assert Entries(Person(), red=True).cell("name", 5, required=True).missing == "姓名"
    assert Entries(Person(), red=True).cell("name", 5).missing == ""
    assert Entries(Person(), red=False).cell("name", 5, required=True).missing == ""
    assert Entries(Person(name="王芳"), red=True).cell("name", 5, required=True).missing == ""
    assert Entries(Child(), red=True).boxes("categories", 21, required=True).missing == "儿童类别"


def test_every_phone_is_masked_on_carried_paper():
    person = Person(phones=("13812341234", "13912345678"))
    assert Entries(person, masked=True).words("phones") == "138****1234、139****5678"
    assert Entries(person).words("phones") == "13812341234、13912345678"


def test_a_birthday_prints_as_precisely_as_it_is_known():
    born = date(1957, 1, 1)
    assert birth_words(Person(birth_date=born, birth_precision="year")) == "1957年"
    assert birth_words(Person(birth_date=born, birth_precision="month")) == "1957年1月"
    assert birth_words(Person(birth_date=born)) == "1957年1月1日"
    assert birth_words(Person()) == ""


def test_what_was_filled_in_is_set_in_another_face_than_what_is_asked():
    asked, answered = Entries(Person(name="王芳")).pair("name", 5)
    assert isinstance(asked.pieces[0], Text)
    assert isinstance(answered.pieces[0], Text)
    assert asked.pieces[0].face is not answered.pieces[0].face
