"""The people of the practice village whom the lesson meets: each has a story, and none exists."""

from __future__ import annotations

from datetime import date, timedelta

from app.records import Person
from app.training.book import Book, Home
from app.training.places import DIRECTOR

LEFT_BEHIND = ("left_behind_rural", "left_behind_yn")


def enter(book: Book) -> None:
    """Write all of them into the register; five visits are then due today, two of them late."""
    siblings_with_their_grandmother(book)
    boy_without_hukou(book)
    old_man_alone(book)
    three_of_one_name(book)
    boarder(book)
    name_with_middle_dots(book)
    name_with_a_rare_character(book)
    girl_with_her_parents_for_the_holidays(book)
    old_man_who_died(book)
    twins_who_moved(book)
    family_of_the_sick_father(book)


def siblings_with_their_grandmother(book: Book) -> None:
    """周谷雨 and 周小满 with 郑秀兰, who looks after them and is visited herself: three visits, one page, due today."""
    home = book.home("二组", poverty_monitor_type="none", income_sources=("working_away", "farming"))
    granny = book.person(home, "郑秀兰", "2", 70, "02", phones=("19900002001",), chronic_illnesses=("高血压",))
    father = _away(book, home, "周大川", "1", 36, "20", "浙江省宁波市", "19900002002")
    mother = _away(book, home, "李春燕", "2", 34, "38", "浙江省宁波市", "19900002003")
    for name, sex, age, relation in (("周谷雨", "2", 10, "42"), ("周小满", "1", 7, "41")):
        child = book.person(home, name, sex, age, relation, phones=("19900002001",))
        book.child(
            child, categories=LEFT_BEHIND, risk_level="medium", risk_reason="父母都在外省，奶奶一个人带两个孩子",
            has_caregiver=True, caregiver_reason="both_away", last_parent_contact_on=book.today,
        )  # fmt: skip
        book.parents(child, father, mother, situation="working_away", situation_since=book.born(2))
        book.tie(child, granny, "62", is_caregiver=True, lives_with=True)
        for days_ago in (90, 60, 30):
            book.child_visit(child, DIRECTOR, granny, days_ago, informant_relation="62")
    sister, brother = home.members[-2:]
    book.tie(sister, brother, "73", lives_with=True)
    book.tie(brother, sister, "75", lives_with=True)
    book.elder(granny, categories=("left_behind",), living_situation=("other_relatives",), needs=("medical", "company"))
    book.elder_visit(granny, DIRECTOR, 30, living_with="孙女和孙子", health_note="血压偏高，药按时吃。")
    book.settle(home)


def boy_without_hukou(book: Book) -> None:
    """杨石头, six, 无户口, with his grandfather: high risk, nine days late."""
    home = book.home("五组", poverty_monitor_type="unstable", income_sources=("farming", "relatives"))
    grandfather = book.person(home, "杨正山", "1", 66, "02", phones=("19900005001",), health="20")
    father = _away(book, home, "杨有林", "1", 30, "20", "福建省泉州市", "19900005002")
    boy = book.person(
        home, "杨石头", "1", 6, "41", other_names=("石头娃",), birth_source="stated_lunar", birth_precision="month",
        hukou_class="4", hukou_nature=None, id_type="none", id_state="no_hukou", id_number=None,
        registered_division=None, registered_address=None, lives_at_registered=None,
        current_division=book.org, current_address="五组，爷爷家",
    )  # fmt: skip
    book.child(
        boy, categories=("hard_case_guardianship",), risk_level="high", priority_watch=True,
        risk_reason="没有户口，母亲失联，爷爷年纪大", special_conditions=("no_hukou",), guardianship_grade="poor",
    )  # fmt: skip
    book.tie(boy, father, "51", is_guardian=True, situation="working_away", situation_since=book.born(1))
    mother = book.person(
        home, "小月（真名不详）", "2", 27, id_number=None, id_type=None, id_state="unknown", birth_precision="year"
    )
    book.tie(boy, mother, "52", situation="lost_contact", situation_since=book.born(4))
    book.tie(boy, grandfather, "61", is_caregiver=True, lives_with=True)
    book.child_visit(
        boy, DIRECTOR, grandfather, 16, mood="low", concerns=("hukou", "guardianship"), informant_relation="61",
        concern_note="出生证明没有办下来，落不了户。", actions="已帮着问派出所要哪些材料。",
        support_recommendations=("guardianship",), schooling="7", schooling_detail="没有上幼儿园。",
    )  # fmt: skip
    book.settle(home)


def old_man_alone(book: Book) -> None:
    """马有福, seventy-nine, lives alone: to be visited every month, two days late."""
    home = book.home("五组")
    elder = book.person(home, "马有福", "1", 79, "02", phones=("19900005101",), marital="30")
    book.elder(elder, categories=("alone",), living_situation=("alone",), needs=("cleaning",), risk_level="medium")
    book.elder_visit(
        elder, DIRECTOR, 32, living_with="一个人住", home_dangers=("stove",), actions="教他晚上封好火、留通风口。"
    )
    book.settle(home)


def three_of_one_name(book: Book) -> None:
    """王芳 three times: a girl of nine, a girl of fourteen and a mother of thirty-eight."""
    home = book.home("一组", income_sources=("farming",))
    father = book.person(home, "王长贵", "1", 40, "02", phones=("19900001001",))
    girl = book.person(home, "王芳", "2", 9, "30")
    book.child(girl, categories=("ordinary",))
    book.parents(girl, father, None, situation="normal", lives_with=True)
    book.settle(home)

    home = book.home("四组", income_sources=("working_away",))
    granny = book.person(home, "唐桂珍", "2", 67, "02", phones=("19900004001",))
    father = _away(book, home, "王永财", "1", 39, "20", "广东省佛山市", "19900004002")
    girl = book.person(home, "王芳", "2", 14, "42")
    book.child(girl, categories=LEFT_BEHIND, risk_level="low", has_caregiver=True)
    book.parents(girl, father, None, situation="working_away", situation_since=book.born(3))
    book.tie(girl, granny, "62", is_caregiver=True, lives_with=True)
    book.child_visit(girl, DIRECTOR, granny, 41, informant_relation="62")
    book.settle(home)

    home = book.home("三组", income_sources=("farming",))
    father = book.person(home, "沈文生", "1", 41, "02", phones=("19900003001",))
    mother = book.person(home, "王芳", "2", 38, "10", phones=("19900003002",))
    boy = book.person(home, "沈青松", "1", 12, "20")
    book.child(boy, categories=("ordinary",))
    book.parents(boy, father, mother, situation="normal", lives_with=True)
    book.settle(home)


def boarder(book: Book) -> None:
    """陈立冬, fourteen, boards at school and is at home on weekends."""
    home = book.home("三组", income_sources=("working_away",))
    grandfather = book.person(home, "陈水生", "1", 69, "02", phones=("19900003101",))
    father = _away(book, home, "陈广林", "1", 42, "20", "江苏省苏州市", "19900003102")
    mother = _away(book, home, "许翠莲", "2", 40, "38", "江苏省苏州市", "19900003103")
    boy = book.person(home, "陈立冬", "1", 14, "41")
    book.child(boy, categories=LEFT_BEHIND, risk_level="medium", boards_at_school=True, has_caregiver=True)
    book.parents(boy, father, mother, situation="working_away", situation_since=book.born(5))
    book.tie(boy, grandfather, "61", is_caregiver=True, lives_with=True)
    book.stay(boy, "boarding_school", 70, None, whereabouts="练习中学宿舍")
    book.child_visit(boy, DIRECTOR, grandfather, 12, mode="school", informant_relation="61")
    book.settle(home)


def name_with_middle_dots(book: Book) -> None:
    """阿·木·乃, eleven, 彝族, in the highest group of the village."""
    home = book.home("六组", income_sources=("farming", "government"), benefits=("receiving",))
    granny = book.person(home, "阿·果·嫫", "2", 63, "02", ethnic_group="07", phones=("19900006001",))
    father = _away(book, home, "阿·日·黑", "1", 33, "20", "四川省成都市", "19900006002", ethnic_group="07")
    child = book.person(home, "阿·木·乃", "2", 11, "42", ethnic_group="07")
    book.child(child, categories=LEFT_BEHIND, risk_level="low", has_caregiver=True)
    book.tie(child, father, "51", is_guardian=True, situation="working_away", situation_since=book.born(1))
    book.tie(child, granny, "62", is_caregiver=True, lives_with=True)
    book.child_visit(child, DIRECTOR, granny, 25, informant_relation="62")
    book.settle(home)


def name_with_a_rare_character(book: Book) -> None:
    """李䶮, twelve: a name that many programs print as a box."""
    home = book.home("一组", income_sources=("farming",))
    father = book.person(home, "李福田", "1", 45, "02", phones=("19900001101",))
    mother = book.person(home, "蒋玉芬", "2", 43, "10", phones=("19900001102",))
    boy = book.person(home, "李䶮", "1", 12, "20", chronic_illnesses=("哮喘",), health="30")
    book.child(boy, categories=("hard_case_self",), risk_level="low", special_conditions=("ill",))
    book.parents(boy, father, mother, situation="normal", lives_with=True)
    book.child_visit(boy, DIRECTOR, mother, 55, informant_relation="52", family="父母都在家种地。")
    book.settle(home)


def girl_with_her_parents_for_the_holidays(book: Book) -> None:
    """吴夏至, eight: with her parents in Guangdong until she comes back, so the visit is a call."""
    home = book.home("四组", income_sources=("working_away",))
    granny = book.person(home, "曹金花", "2", 61, "02", phones=("19900004101",))
    father = _away(book, home, "吴德财", "1", 33, "20", "广东省东莞市", "19900004102")
    mother = _away(book, home, "彭美玲", "2", 31, "38", "广东省东莞市", "19900004103")
    girl = book.person(home, "吴夏至", "2", 8, "42")
    book.child(girl, categories=LEFT_BEHIND, risk_level="medium", has_caregiver=True)
    book.parents(girl, father, mother, situation="working_away", situation_since=book.born(2))
    book.tie(girl, granny, "62", is_caregiver=True, lives_with=True)
    season = "暑假" if book.today.month in (7, 8) else "这段时间"
    book.stay(
        girl, "with_parents", 18, 24, whereabouts="广东省东莞市", with_whom="父母", phones=("19900004102",),
        note=f"{season}跟父母住，回来前用电话联系。",
    )  # fmt: skip
    book.child_visit(girl, DIRECTOR, mother, 15, mode="phone", informant_relation="52")
    book.settle(home)


def old_man_who_died(book: Book) -> None:
    """孙长寿 died twelve days ago; his visits have stopped."""
    home = book.home("二组")
    elder = book.person(home, "孙长寿", "1", 86, "02", phones=("19900002101",))
    wife = book.person(home, "魏兰英", "2", 80, "10")
    profile = book.elder(elder, categories=("empty_nest",), living_situation=("spouse",))
    book.elder(wife, categories=("empty_nest",), living_situation=("spouse",))
    book.elder_visit(elder, DIRECTOR, 28, health="poor", health_note="卧床时间多，咳嗽。")
    book.elder_visit(wife, DIRECTOR, 10, living_with="一个人住", mood="low", actions="请邻居每天去看一眼。")
    died = _days_ago(book, 12)
    book.amend(elder, 12, died_on=died, death_note="因病在家去世")
    book.amend(profile, 12, exited_on=died, exit_reason="died")
    book.settle(home)


def twins_who_moved(book: Book) -> None:
    """赵晨光 and 赵朝霞, six, moved to the next village forty days ago."""
    home = book.home("三组", income_sources=("working_away",))
    mother = book.person(home, "姜素琼", "2", 29, "02", phones=("19900003201",))
    for name, sex, relation in (("赵晨光", "1", "22"), ("赵朝霞", "2", "32")):
        twin = book.person(home, name, sex, 6, relation, birth_date=_twins_birthday(home))
        profile = book.child(twin, categories=LEFT_BEHIND, risk_level="low")
        book.tie(twin, mother, "52", is_guardian=True, situation="normal", lives_with=True)
        book.child_visit(twin, DIRECTOR, mother, 75, informant_relation="52")
        gone = _days_ago(book, 40)
        book.amend(twin, 40, moved_out_on=gone, moved_out_to="练习镇上练习村")
        book.amend(profile, 40, exited_on=gone, exit_reason="moved_out")
    book.settle(home)


def family_of_the_sick_father(book: Book) -> None:
    """何大勇's kidneys fail, 罗冬梅 is mentally disabled, three children: what may apply is to be checked."""
    home = book.home("六组", poverty_monitor_type="sudden", income_sources=("relatives",), housing="自建房，借了外债")
    father = book.person(
        home, "何大勇", "1", 37, "02", phones=("19900006101",), health="22", serious_illnesses=("肾衰竭",)
    )
    mother = book.person(
        home, "罗冬梅", "2", 35, "10", health="66", disability_types=("66",), disability_level="2"
    )
    for name, sex, age, relation in (("何春分", "2", 10, "32"), ("何清明", "1", 8, "22"), ("何芒种", "1", 5, "23")):
        child = book.person(home, name, sex, age, relation)
        book.child(
            child, categories=("hard_case_family",), risk_level="medium", priority_watch=True,
            risk_reason="父亲重病、母亲精神残疾，没有收入", guardianship_grade="poor",
        )  # fmt: skip
        since = _days_ago(book, 110)
        book.tie(child, father, "51", is_guardian=True, lives_with=True, situation="serious_illness",
                 situation_since=since)  # fmt: skip
        book.tie(child, mother, "52", lives_with=True, situation="serious_disability")
        book.child_visit(
            child, DIRECTOR, father, 11, informant_relation="51", concerns=("money", "guardianship"),
            family="父亲每周透析，母亲精神残疾二级，欠外债。", guardianship="父亲照看，病重时由邻居帮忙。",
            concern_note="家里没有收入，孩子的学习用品不够。", actions="帮着问临时救助和低保要准备什么材料。",
            support_recommendations=("economic", "medical"), guardian_opinion="盼望早点批下来。",
        )  # fmt: skip
    book.settle(home)


def _away(
    book: Book, home: Home, name: str, sex: str, age: int, relation: str, place: str, phone: str, **given: str
) -> Person:
    """A parent who works elsewhere."""
    return book.person(home, name, sex, age, relation, work_place=place, phones=(phone,), **given)


def _days_ago(book: Book, days: int) -> date:
    return book.today - timedelta(days=days)


def _twins_birthday(home: Home) -> date | None:
    """The second twin has the first one's birthday."""
    return home.members[-1].birth_date if len(home.members) > 1 else None
