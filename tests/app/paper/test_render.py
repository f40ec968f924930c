"""What every printed form promises, whoever is on it."""

import time
from dataclasses import replace
from datetime import date

import pytest

from app.errors import Cancelled
from app.paper import PRINTED_FORMS, Handling, NothingToPrint, Setting, UnknownForm, printed_form, render
from app.paper.ink import RED
from app.paper.sheets import ReportFile
from app.records.person import Person
from tests.app.paper.people import FILES, ID_NUMBER, NUMBER, PHONE, child_file, child_visit, elder_file, register
from tests.app.paper.reading import fonts_of, operators_of, pages_of, printed, reader, text_of

FORMS = pytest.mark.parametrize("form", PRINTED_FORMS, ids=lambda form: form.name)
MARKUP = "<b>&amp;</b>\\)(%s{}</para>"


@FORMS
def test_every_font_of_a_form_is_embedded_and_reduced_to_what_is_used(form):
    document = printed(form.name, FILES[form.name])
    fonts = fonts_of(document)
    assert fonts
    for font in fonts:
        assert str(font["/BaseFont"])[:1] == "/"
        assert str(font["/BaseFont"])[7] == "+"
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font
    assert len(document.pdf) < 600_000


@FORMS
def test_every_page_says_which_of_how_many_it_is(form):
    document = printed(form.name, FILES[form.name])
    for number, page in enumerate(pages_of(document), 1):
        assert f"第{number}页共{document.page_count}页" in "".join(page.split())


@FORMS
def test_markup_in_any_field_prints_as_it_was_typed(form):
    file = FILES[form.name]
    if form.name == "register_list":
        file = file._replace(title=MARKUP, rows=tuple((MARKUP, *row[1:5], MARKUP) for row in file.rows))
    else:
        child = child_file(
            MARKUP,
            number=NUMBER,
            visit=child_visit(living=MARKUP, informant=MARKUP),
            last=child_visit(actions=MARKUP),
        )
        elder = replace(elder_file(), person=replace(elder_file().person, name=MARKUP))
        file = {"elder_visit_record": elder, "mandatory_report": ReportFile(child)}.get(form.name, child)
    assert MARKUP in text_of(printed(form.name, file, unit=MARKUP))


@FORMS
def test_practice_paper_says_so_and_real_paper_does_not(form):
    assert "练习" in text_of(printed(form.name, FILES[form.name], practice=True))
    assert "练习" not in text_of(printed(form.name, FILES[form.name]))


@pytest.mark.parametrize("form", [form for form in PRINTED_FORMS if form.can_be_blank], ids=lambda form: form.name)
def test_a_blank_form_prints_without_a_red_field_and_without_anybody_in_it(form):
    document = printed(form.name, form.blank, preview=True)
    assert document.red_fields == ()
    assert document.page_count <= 2
    assert RED not in operators_of(document)


def test_only_the_list_has_no_blank():
    assert [form.name for form in PRINTED_FORMS if not form.can_be_blank] == ["register_list"]


@FORMS
def test_a_name_with_rare_characters_reads_back(form):
    texts = text_of(printed(form.name, FILES[form.name]))
    expected = {"register_list": "龙小1", "elder_visit_record": "赵𠅤"}.get(form.name, "龙䶮")
    assert expected in texts


def test_names_of_every_sort_read_back_from_one_form():
    text = text_of(printed("child_registration", child_file()))
    for name in ("龙䶮", "王㛃", "阿·木·乃", "周𬭚"):
        assert name in text


def test_a_character_that_no_face_has_is_reported_and_marked():
    document = printed("child_registration", child_file("王😀"))
    assert document.missing_glyphs == ("😀",)
    assert "王〓" in text_of(document)


def test_carried_paper_is_masked_and_paper_for_an_authority_is_not():
    for form in PRINTED_FORMS:
        if form.name == "mandatory_report":
            continue
        file = (
            FILES[form.name] if form.name != "elder_visit_record" else replace(elder_file(), person=child_file().person)
        )
        text = text_of(printed(form.name, file))
        assert (ID_NUMBER in text) is (form.handling is Handling.AUTHORITY), form.name


def test_a_visit_sheet_shows_numbers_masked_and_the_age_instead_of_the_birthday():
    text = text_of(printed("visit_sheet", FILES["visit_sheet"], today=date(2026, 11, 23)))
    assert "530***********0010" in text
    assert "136****2222" in text
    assert "11岁" in text
    assert "2015年" not in text


def test_a_list_is_masked_on_request():
    plain = text_of(printed("register_list", register()))
    masked = text_of(printed("register_list", register(), masked=True))
    assert ID_NUMBER in plain
    assert PHONE in plain
    assert ID_NUMBER not in masked
    assert PHONE not in masked
    assert "138****1234" in masked


def test_the_qr_code_holds_the_number_and_nothing_else():
    import segno

    from app.paper.ink import _modules

    expected = segno.make("SW1:" + NUMBER, error="m", micro=False)
    assert _modules(NUMBER) == tuple(tuple(row) for row in expected.matrix)
    assert NUMBER in text_of(printed("visit_sheet", FILES["visit_sheet"]))


def test_required_empty_fields_are_red_in_the_preview_and_blank_on_paper():
    person = replace(child_file().person, ethnic_group=None, id_number=None)
    file = child_file(person=person)
    preview = printed("child_registration", file, preview=True)
    paper = printed("child_registration", file)
    assert preview.red_fields == paper.red_fields == ("民族", "证件号码")
    assert operators_of(preview).count(" re f") == operators_of(paper).count(" re f") + 2
    assert RED in operators_of(preview)
    assert RED not in operators_of(paper)


def test_a_child_without_hukou_is_not_asked_for_a_number_in_red():
    person = replace(child_file().person, id_number=None, id_type=None, id_state="no_hukou", hukou_class="4")
    assert printed("child_registration", child_file(person=person)).red_fields == ()


def test_sheets_are_found_by_their_place_in_the_document():
    document = printed("child_registration", child_file(), child_file("王芳"), child_file("王芳"))
    assert [(sheet.first_page, sheet.page_count) for sheet in document.sheets] == [(0, 2), (2, 2), (4, 2)]
    assert document.page_count == 6


def test_a_long_list_repeats_its_head_and_numbers_its_rows():
    document = printed("register_list", register(45))
    texts = ["".join(page.split()) for page in pages_of(document)]
    assert len(texts) == 3
    assert all("序号姓名性别证件号码" in text for text in texts)
    assert "共45人" in texts[0]
    assert "45龙小45" in texts[-1]


def test_the_longest_answers_continue_on_further_pages_and_lose_nothing():
    long = "".join(chr(0x4E00 + number) for number in range(200))
    visit = child_visit(**dict.fromkeys(("living", "family", "guardianship", "mind", "guardian_opinion"), long))
    text = text_of(printed("child_visit_record", child_file(visit=visit)))
    assert text.count(long[:20]) == 5
    assert text.count(long[-20:]) == 5


def test_a_name_of_sixty_characters_stays_on_the_page():
    name = "卡" * 60
    for form in ("child_registration", "child_visit_record", "visit_sheet"):
        assert text_of(printed(form, child_file(name, visit=None))).count("卡") >= 60


def test_an_answer_kept_from_the_last_visit_says_so():
    visit = child_visit(kept_answers=("family",))
    assert "〔与上次相同〕五口人" in text_of(printed("child_visit_record", child_file(visit=visit)))


def test_a_dead_parents_empty_fields_are_struck_with_a_dash():
    assert "证件号码—" in text_of(printed("child_registration", child_file()))


def test_the_signatures_do_not_stand_alone_on_a_page():
    document = printed("elder_visit_record", elder_file())
    assert document.page_count == 1
    assert "手印" in text_of(document)


def test_nobody_chosen_is_said_in_plain_words():
    with pytest.raises(NothingToPrint, match="没有选人"):
        render(printed_form("child_registration"), [])


def test_an_unknown_form_names_the_known_ones():
    with pytest.raises(UnknownForm, match="child_visit_record"):
        printed_form("nonsense")


def test_printing_can_be_cancelled_between_sheets():
    done = []

    def tell(count: int) -> None:
        done.append(count)
        if count == 2:
            raise Cancelled("已停止，没有打印。")

    with pytest.raises(Cancelled):
        render(printed_form("child_registration"), [child_file()] * 5, Setting(), tell)
    assert done == [1, 2]


def test_the_properties_of_the_file_name_nobody():
    info = reader(printed("child_registration", child_file()).pdf).metadata
    assert info.title == "儿童基本信息登记表"
    assert "龙" not in str(dict(info))


def test_a_newer_desks_code_is_printed_rather_than_dropped():
    child = replace(child_file().child, categories=("category_of_tomorrow",))
    assert "category_of_tomorrow" in text_of(printed("child_registration", child_file(child=child)))


def test_an_empty_record_of_a_known_person_prints():
    document = printed("child_registration", child_file(person=Person(id="somebody"), household=None, relatives=()))
    assert "姓名" in document.red_fields


def test_a_village_of_forms_prints_fast():
    files = [child_file(f"王{chr(0x4E00 + number)}") for number in range(150)]
    printed("child_registration", files[0])
    start = time.process_time()
    document = printed("child_registration", *files)
    seconds = time.process_time() - start
    assert document.page_count == 300
    assert document.page_count / seconds > 120  # the goal of 180 is measured by the benchmark, alone on the machine
