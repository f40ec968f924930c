"""The county's file: sealed, and its key elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.errors import UserError, WorkspaceExists, WorkspaceMissing
from app.records import Conflict, Person
from sync.server import accounts, tables
from sync.server.county import CountyServer, county_init, open_county
from sync.server.database import FILE, key_file
from sync.server.sitting import decode
from tests.sync.desks import COUNTY, VILLAGE, OpenDesk


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_nothing_of_a_person_can_be_read_in_the_folder(
    tmp_path: Path, county: CountyServer, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    desk.join(county)
    desk.person("独一无二的名字", phones=["13812345678"])
    desk.exchange(county)
    written = b"".join(path.read_bytes() for path in (tmp_path / "county").iterdir())
    assert len(written) > 10_000
    for canary in ("独一无二的名字", "13812345678", COUNTY):
        assert canary.encode() not in written
    key = key_file(tmp_path / "county")
    assert key.parent == tmp_path
    assert key.stat().st_mode & 0o077 == 0


def test_a_county_opens_again_with_everything_in_it(tmp_path: Path) -> None:
    made = county_init(tmp_path / "one", COUNTY, "昭阳区")
    accounts.make_code(made.ledger, VILLAGE, "child_director", "王芳")
    with made.ledger.reading() as connection:
        terms = made.ledger.terms(connection)
    made.ledger.close()
    again = open_county(tmp_path / "one")
    with again.ledger.reading() as connection:
        found = again.ledger.terms(connection)
    again.ledger.close()
    assert (found.server_id, found.epoch, found.county, found.kind) == (terms.server_id, terms.epoch, COUNTY, "real")


def test_what_cannot_be_a_county_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="区划代码"):
        county_init(tmp_path / "a", "5306", "昭阳区")
    with pytest.raises(UserError, match="练习"):
        county_init(tmp_path / "a", COUNTY, "昭阳区", practice=True)
    with pytest.raises(WorkspaceMissing):
        open_county(tmp_path / "nothing")
    county_init(tmp_path / "b", COUNTY, "昭阳区").ledger.close()
    with pytest.raises(WorkspaceExists):
        county_init(tmp_path / "b", COUNTY, "昭阳区")
    key_file(tmp_path / "b").unlink()
    with pytest.raises(WorkspaceMissing, match="密钥"):
        open_county(tmp_path / "b")
    assert (tmp_path / "b" / FILE).exists()


def test_codes_are_for_posts_of_this_county(county: CountyServer) -> None:
    with pytest.raises(UserError, match="岗位"):
        accounts.make_code(county.ledger, VILLAGE, "king", "王芳")
    with pytest.raises(UserError, match="不在本县"):
        accounts.make_code(county.ledger, "530621001001", "child_director", "王芳")
    with pytest.raises(UserError, match="没有这台电脑"):
        accounts.revoke(county.ledger, "f" * 32)


def test_what_made_a_record_is_kept_once_until_somebody_touches_the_record(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = open_desk(), open_desk()
    for desk in (first, second):
        desk.join(county)
    person = first.person(village_group="一组")
    for desk in (first, second):
        desk.exchange(county)
    assert _kept_of_changes(county) == [None]
    first.save(first.get(Person, person.id), village_group="二组")
    first.exchange(county)
    made, edited = _kept_of_changes(county)
    assert made is not None
    assert made["village_group"] == "一组"
    assert edited == {"village_group": "二组"}
    # What the county tells of the value before comes from there.
    second.save(second.get(Person, person.id), village_group="三组")
    second.exchange(county)
    (conflict,) = second.store.find(Conflict)
    assert (conflict.before, conflict.current, conflict.other) == ('"一组"', '"三组"', '"二组"')


def test_a_record_made_and_changed_in_one_push_keeps_both(county: CountyServer, open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.join(county)
    person = desk.person(village_group="一组")
    desk.save(person, village_group="二组")
    assert desk.exchange(county).delivered
    made, edited = _kept_of_changes(county)
    assert made is not None
    assert made["village_group"] == "一组"
    assert edited == {"village_group": "二组"}


def _kept_of_changes(county: CountyServer) -> list[dict[str, Any] | None]:
    """What the ledger itself holds of the changes of all persons, in order."""
    with county.ledger.reading() as connection:
        query = county.ledger.of(tables.change, tables.change.c.after, type="person").order_by(tables.change.c.seq)
        return [None if after is None else decode(after) for after in connection.execute(query).scalars()]
