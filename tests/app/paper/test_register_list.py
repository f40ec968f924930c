"""The register on paper: one set of columns, and the person who can be reached."""

from datetime import date

from app.paper.register_list import COLUMNS, listed
from app.paper.sheets import ChildFile, ElderFile, Relative
from app.records import Child, Elder, Kinship, Person

GRANDMOTHER = Person(id="gm", name="测试奶奶", phones=("13812340000",))


def test_a_child_is_reached_through_who_looks_after_it_and_an_elder_directly() -> None:
    tie = Kinship(id="k", subject="c1", relative="gm", is_caregiver=True)
    person = Person(id="c1", name="测试童", birth_date=date(2016, 5, 1))
    child = ChildFile(person=person, relatives=(Relative(GRANDMOTHER, tie),), child=Child(id="c1"))
    table = listed([child], elders=False, place="某村")
    row = dict(zip((column.heading for column in COLUMNS), table.rows[0], strict=True))
    assert (table.title, row["联系人"], row["电话"]) == ("某村儿童台账", "测试奶奶", "13812340000")
    elder = listed([ElderFile(person=GRANDMOTHER, elder=Elder(id="gm"))], elders=True)
    assert elder.title == "老年人台账"
    assert "测试奶奶" in elder.rows[0][1:]
