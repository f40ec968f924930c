"""The rest of a practice village: families of every usual make, none of them due today."""

from __future__ import annotations

from app.records import Child, Person
from app.training import names
from app.training.book import Book, Home
from app.training.cast import LEFT_BEHIND

GROUPS = ("一组", "二组", "三组", "四组", "五组", "六组")
PLACES = ("浙江省温州市", "广东省深圳市", "江苏省昆山市", "福建省晋江市", "云南省昆明市", "四川省宜宾市")
RISKS = ("medium", "low", "low", "none")
INTERVAL = {"medium": 30, "low": 90, "none": 180}
"""Days between visits by the default rules; a neighbour was visited so recently that nothing is due for a while."""
BREATHER = 4


def fill(book: Book, people: int, director: str) -> None:
    """Families until exactly so many people more are in the register."""
    left = people
    makers = (left_behind_family, family_at_home, old_couple, family_at_home, left_behind_family, old_person_alone)
    number = 0
    while left >= 7:
        home = makers[number % len(makers)](book, GROUPS[number % len(GROUPS)], director)
        left -= len(home.members)
        number += 1
    for _ in range(left):
        single(book, GROUPS[number % len(GROUPS)])
        number += 1


def fill_with_children(book: Book, children: int, director: str) -> None:
    """Families with children until exactly so many children are registered."""
    number = 0
    while (left := children - sum(isinstance(record, Child) for record in book.records)) > 0:
        maker = left_behind_family if number % 3 else family_at_home
        maker(book, f"{number % 24 + 1}组", director, most=min(left, 4))
        number += 1


def left_behind_family(book: Book, group: str, director: str, most: int = 2) -> Home:
    """Grandparents at home, parents away, one child or more."""
    chance = book.chance
    surname = names.surname(chance)
    home = book.home(group, income_sources=("working_away", "farming"))
    grandfather = book.person(home, names.adult(chance, surname, "1"), "1", chance.randint(58, 74), "02",
                              phones=(book.phone(),))  # fmt: skip
    granny = book.person(home, names.adult(chance, names.surname(chance), "2"), "2", chance.randint(56, 72), "10")
    place = chance.choice(PLACES)
    father = _parent(book, home, surname, "1", "son", work_place=place)
    mother = _parent(book, home, names.surname(chance), "2", "son", work_place=place)
    for _ in range(chance.randint(1, most)):
        sex = chance.choice("12")
        age = chance.randint(3, 15)
        child = book.person(home, names.child(chance, surname, sex, book.taken), sex, age, "41" if sex == "1" else "42")
        risk = chance.choice(RISKS)
        book.child(
            child, categories=LEFT_BEHIND, risk_level=risk, has_caregiver=True, caregiver_reason="both_away",
            guardianship_grade=chance.choice(("good", "fair")),
        )  # fmt: skip
        book.parents(child, father, mother, situation="working_away", situation_since=book.born(2))
        book.tie(child, granny, "62", is_caregiver=True, lives_with=True)
        _visit_child(book, child, granny, risk, director)
    book.tie(father, grandfather, "51")
    book.settle(home)
    return home


def family_at_home(book: Book, group: str, director: str, most: int = 3) -> Home:
    """Both parents at home; the children are registered, and nobody is due."""
    chance = book.chance
    surname = names.surname(chance)
    home = book.home(group, income_sources=("farming",))
    father = _parent(book, home, surname, "1", "head", phones=(book.phone(),))
    mother = _parent(book, home, names.surname(chance), "2", "head")
    for _ in range(chance.randint(1, most)):
        sex = chance.choice("12")
        child = book.person(home, names.child(chance, surname, sex, book.taken), sex, chance.randint(0, 17),
                            "20" if sex == "1" else "30")  # fmt: skip
        book.child(child, categories=("ordinary",), guardianship_grade="good")
        book.parents(child, father, mother, situation="normal", lives_with=True)
    book.settle(home)
    return home


def old_couple(book: Book, group: str, director: str) -> Home:
    """Two elders whose children live elsewhere: 空巢, visited every month."""
    chance = book.chance
    home = book.home(group, income_sources=("pension", "children_support"))
    husband = book.person(home, names.adult(chance, names.surname(chance), "1"), "1", chance.randint(65, 84), "02",
                          phones=(book.phone(),))  # fmt: skip
    wife = book.person(home, names.adult(chance, names.surname(chance), "2"), "2", chance.randint(62, 80), "10")
    days_ago = chance.randint(1, 30 - BREATHER)
    for elder in (husband, wife):
        book.elder(elder, categories=("empty_nest",), living_situation=("spouse",))
        book.elder_visit(elder, director, days_ago)
    book.settle(home)
    return home


def old_person_alone(book: Book, group: str, director: str) -> Home:
    """One elder by herself: 独居, visited every month."""
    chance = book.chance
    home = book.home(group, income_sources=("pension",))
    elder = book.person(home, names.adult(chance, names.surname(chance), "2"), "2", chance.randint(68, 90), "02",
                        phones=(book.phone(),), marital="30")  # fmt: skip
    book.elder(elder, categories=("alone",), living_situation=("alone",), needs=("company",))
    book.elder_visit(elder, director, chance.randint(1, 30 - BREATHER), living_with="一个人住")
    book.settle(home)
    return home


def single(book: Book, group: str) -> Home:
    """A grown-up who is in the register because the household is."""
    chance = book.chance
    home = book.home(group, income_sources=("farming",))
    book.person(home, names.adult(chance, names.surname(chance), "1"), "1", chance.randint(25, 55), "02")
    book.settle(home)
    return home


def twins_who_came(book: Book) -> None:
    """赵晨光 and 赵朝霞 in the village to which they moved forty days ago."""
    home = book.home("一组", income_sources=("working_away",))
    mother = book.person(home, "姜素琼", "2", 29, "02", phones=("19900003201",))
    first = book.person(home, "赵晨光", "1", 6, "20")
    second = book.person(home, "赵朝霞", "2", 6, "30", birth_date=first.birth_date)
    for twin in (first, second):
        book.child(twin, categories=LEFT_BEHIND, risk_level="low")
        book.tie(twin, mother, "52", is_guardian=True, situation="normal", lives_with=True)
        book.child_visit(twin, "段晓雾", mother, 20, purpose="first", informant_relation="52")
    book.settle(home)


def _parent(book: Book, home: Home, surname: str, sex: str, of: str, **given: object) -> Person:
    relation = {("1", "son"): "20", ("2", "son"): "38", ("1", "head"): "02", ("2", "head"): "10"}[sex, of]
    name = names.adult(book.chance, surname, sex)
    given.setdefault("phones", (book.phone(),))
    return book.person(home, name, sex, book.chance.randint(26, 44), relation, **given)


def _visit_child(book: Book, child: Person, informant: Person, risk: str, director: str) -> None:
    """One visit within the last interval, and often the one before."""
    every = INTERVAL[risk]
    days_ago = book.chance.randint(1, every - BREATHER)
    if book.chance.random() < 0.5:
        book.child_visit(child, director, informant, days_ago + every, informant_relation="62")
    book.child_visit(child, director, informant, days_ago, informant_relation="62")
