"""Servers that are not the county: none of them gets a word, and the desk says in words what is wrong."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from app.errors import CountyRefused, CountyUnreachable
from app.store.changes import writing
from sync import wire
from sync.client import http
from sync.client.credentials import new_key, ties
from sync.client.engine import join, pending
from sync.client.http import HttpCounty
from sync.messages import Hello, Request
from sync.protocol import WRONG_CODE
from sync.server import accounts, brake
from sync.server.brake import Brake
from sync.server.county import CountyServer, county_init
from sync.server.serving import listen
from tests.sync.authorities import DAY, NOW, Authority, greets, html, standing
from tests.sync.copying import AnswerLost, Deaf
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk

NOT_THE_COUNTY = "不是县里的服务器"


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "own")


@pytest.fixture
def desk(county: CountyServer, open_desk: OpenDesk) -> Desk:
    made = open_desk()
    made.join(county)
    made.person("独一无二的名字")
    return made


def refused(desk: Desk, url: str, authority: Path, match: str) -> None:
    """The exchange ends with a sentence, nothing is lost, and nothing waits less than before."""
    line = HttpCounty.to(desk.store, url, str(authority))
    try:
        with pytest.raises(CountyUnreachable, match=match) as raised:
            desk.exchange(line)
        assert "没有丢" in raised.value.message
        assert raised.value.advice
    finally:
        line.close()
    assert pending(desk.store) == 1


def test_the_county_s_own_authority_is_accepted_and_nothing_else_vouches(desk: Desk, own: Authority) -> None:
    with standing(own.server(), html("请登录")) as server:
        refused(desk, server.url, own.file, "读不懂|没有县级服务器")
        assert len(server.asked) == 1  # the certificate was good: it was the answer that was not


def test_an_authority_whose_file_was_left_on_a_stick_is_named_and_nothing_is_lost(desk: Desk, own: Authority) -> None:
    with standing(own.server(), html("请登录")) as server:
        own.file.unlink()
        refused(desk, server.url, own.file, "根证书文件不在原来的地方")
        assert server.asked == []


@pytest.mark.parametrize("kind", ["self-signed", "another authority", "another host", "in our authority's name"])
def test_a_certificate_that_is_not_the_county_s_gets_nothing(
    desk: Desk, own: Authority, tmp_path: Path, kind: str
) -> None:
    files = {
        "self-signed": own.self_signed,
        "another authority": Authority(tmp_path, "other").server,
        "another host": lambda: own.server(host="county.example"),
        "in our authority's name": Authority(_folder(tmp_path), "own").server,
    }[kind]()
    with standing(files, html("请登录")) as server:
        refused(desk, server.url, own.file, NOT_THE_COUNTY)
        assert (server.came, server.asked) == (1, [])


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "impostor").mkdir()
    return tmp_path / "impostor"


@pytest.mark.parametrize("since,until", [(-30, -1), (1, 30)])
def test_dates_that_do_not_fit_speak_of_the_computer_s_clock(
    desk: Desk, own: Authority, since: int, until: int
) -> None:
    with standing(own.server(since=NOW + since * DAY, until=NOW + until * DAY), html("")) as server:
        refused(desk, server.url, own.file, "电脑的日期")
        assert server.asked == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_encryption_is_refused(desk: Desk, own: Authority, version: ssl.TLSVersion) -> None:
    with standing(own.server(), html(""), version=version) as server:
        assert greets(server.port, version)
        before = len(server.asked)
        refused(desk, server.url, own.file, NOT_THE_COUNTY)
        assert server.asked[before:] == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_is_not_followed(desk: Desk, own: Authority, scheme: str) -> None:
    with standing(None if scheme == "http" else own.server(), html("")) as elsewhere:
        to = f"{scheme}://127.0.0.1:{elsewhere.port}/v1/exchange".encode()
        says = b"HTTP/1.1 307 Temporary Redirect\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % to
        with standing(own.server(), says) as server:
            refused(desk, server.url, own.file, "没有县级服务器（307）")
        assert elsewhere.came == 0


def test_proxies_and_authorities_of_the_environment_are_not_asked(
    desk: Desk, own: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path, "other")
    with standing(None, html("")) as proxy, standing(other.server(), html("")) as server:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, str(other.file))
        refused(desk, server.url, own.file, NOT_THE_COUNTY)
        line = HttpCounty.to(desk.store, server.url)  # and without an authority of its own: only the public ones
        with pytest.raises(CountyUnreachable, match=NOT_THE_COUNTY):
            desk.exchange(line)
        line.close()
        assert (proxy.came, server.asked) == (0, [])


def test_two_authorities_in_one_file_make_room_for_a_change(desk: Desk, own: Authority, tmp_path: Path) -> None:
    following = Authority(tmp_path, "following")
    both = tmp_path / "both.pem"
    both.write_bytes(own.file.read_bytes() + following.file.read_bytes())
    for files in (own.server(), following.server()):
        with standing(files, html("")) as server:
            refused(desk, server.url, both, "读不懂|没有县级服务器")
            assert len(server.asked) == 1


def test_a_line_that_is_cut_within_the_encryption_is_a_cut_line(
    desk: Desk, own: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpCounty, "_wait", lambda line, attempt, told: None)
    with standing(own.server()) as server:
        refused(desk, server.url, own.file, "断了|连不上")
        assert server.came == http.TRIES


def test_a_login_page_of_a_hotspot_is_no_county_for_photos_either(desk: Desk, own: Authority) -> None:
    with standing(own.server(), html("请登录")) as server:
        line = HttpCounty.to(desk.store, server.url, str(own.file))
        for ask in (
            lambda: line.has_blob("", "0" * 64),
            lambda: line.put_blob("", "0" * 64, 0, 1, b"x"),
            lambda: line.sums(""),
            lambda: line.look("", []),
            lambda: line.named("", []),
        ):
            with pytest.raises(CountyUnreachable, match="读不懂"):
                ask()
        line.close()


@pytest.mark.parametrize("status", [b"200 OK", b"403 Forbidden"])
def test_an_answer_without_an_end_is_not_waited_for(
    desk: Desk, own: Authority, status: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST", 1 << 20)
    with standing(own.server(), b"HTTP/1.1 %b\r\n\r\n" % status, forever=b"\x00" * 16_384) as server:
        line = HttpCounty.to(desk.store, server.url, str(own.file))
        with pytest.raises(CountyUnreachable, match=r"没完没了|没有县级服务器"):
            line.sums("")
        with pytest.raises(CountyUnreachable):
            desk.exchange(line)
        line.close()


# Joining


def code_for(county: CountyServer, days: int = 7, org: str = VILLAGE) -> str:
    return accounts.make_code(county.ledger, org, "child_director", "测试", days=days)


def test_a_desk_whose_welcome_was_lost_joins_with_the_same_code(county: CountyServer, open_desk: OpenDesk) -> None:
    desk, other = open_desk(), open_desk()
    code = code_for(county)

    class Deafened(Deaf):
        def enrol(self, enrolment):  # type: ignore[no-untyped-def]
            super().enrol(enrolment)
            raise AnswerLost("线路断了。")

    with pytest.raises(AnswerLost):
        join(Deafened(county), desk.store, "", code)
    with county.ledger.writing() as connection:
        connection.exec_driver_sql("UPDATE enrolment SET expires_at = 1")
    join(county, desk.store, "", code)
    assert len(accounts.devices(county.ledger)) == 1
    with pytest.raises(CountyRefused, match="用过"):
        join(county, other.store, "", code)


def test_bad_codes_are_refused_across_a_line_with_their_reasons(county: CountyServer, open_desk: OpenDesk) -> None:
    desk, used = open_desk(), code_for(county)
    other = open_desk()
    join(county, other.store, "", used)
    with listen(county) as answering:
        line = HttpCounty.to(desk.store, answering.url)
        for code, reason in (
            ("ABCD-EFGH-2345", "不对"), ("", "不对"), ("'; DROP TABLE device; --", "不对"), (used, "用过"),
            (code_for(county, days=-1), "过期"), (code_for(county, org=NEXT_VILLAGE), "注册码是给"),
        ):  # fmt: skip
            with pytest.raises(CountyRefused, match=reason) as raised:
                join(line, desk.store, answering.url, code)
            assert raised.value.message.startswith("资料没有动")
        join(line, desk.store, answering.url, code_for(county))
        line.close()


def test_a_laptop_that_was_stopped_comes_back_with_a_new_code_and_what_it_had_not_sent(
    county: CountyServer, desk: Desk
) -> None:
    (device,) = accounts.devices(county.ledger)
    with pytest.raises(CountyRefused, match="已经加入"):
        join(county, desk.store, "", code_for(county))
    accounts.revoke(county.ledger, device.id)
    with pytest.raises(CountyRefused, match="停用"):
        desk.exchange(county)
    with pytest.raises(CountyRefused, match="不对"):
        join(county, desk.store, "", "ABCD-EFGH-2345")
    join(county, desk.store, "", code_for(county))
    outcome = desk.exchange(county)
    assert (outcome.sent, outcome.delivered) == (1, True)
    (again,) = accounts.devices(county.ledger)
    assert (again.id, again.orgs, again.revoked_at) == (device.id, (VILLAGE,), None)


def test_a_code_for_another_post_of_the_same_division_lets_nobody_in(county: CountyServer, open_desk: OpenDesk) -> None:
    desk = open_desk(TOWN, "child_supervisor")
    other = accounts.make_code(county.ledger, TOWN, "social_worker", "乡镇社工")
    with pytest.raises(CountyRefused, match="没有动。注册码是给另一个岗位的：乡镇社工") as refused:
        join(county, desk.store, "", other)
    assert refused.value.code == "C6"
    assert accounts.devices(county.ledger) == []
    join(county, open_desk(TOWN, "social_worker").store, "", other)
    (device,) = accounts.devices(county.ledger)
    assert (device.role, device.name) == ("social_worker", "乡镇社工")


def test_a_stopped_laptop_s_name_helps_nobody_else(county: CountyServer, desk: Desk, open_desk: OpenDesk) -> None:
    thief = open_desk()
    (device,) = accounts.devices(county.ledger)
    accounts.revoke(county.ledger, device.id)
    with writing(thief.store) as work:
        work.set_setting("county", {"device": device.id, "private_key": new_key(), "nonce": "00" * 16})
    with pytest.raises(CountyRefused, match="注册过"):
        join(county, thief.store, "", code_for(county))


def test_another_county_behind_the_address_gets_nothing(desk: Desk, tmp_path: Path) -> None:
    other = county_init(tmp_path / "other", "530603000000", "另一个县")
    with listen(other) as answering:
        line = HttpCounty.to(desk.store, answering.url)
        with pytest.raises(CountyRefused, match=r"不认识|不是原来"):
            desk.exchange(line)
        line.close()
    assert pending(desk.store) == 1
    other.ledger.close()


def test_who_guesses_codes_is_slowed_down_and_nobody_else(
    county: CountyServer, desk: Desk, open_desk: OpenDesk
) -> None:
    newcomer = open_desk()
    with listen(county) as answering:
        line = HttpCounty(answering.url, ties(newcomer.store), sleep=lambda seconds: None)
        for _ in range(brake.MOST):
            with pytest.raises(CountyRefused, match="不对"):
                join(line, newcomer.store, answering.url, "ABCD-EFGH-2345")
        with pytest.raises(CountyUnreachable, match="填错注册码的太多了") as told:
            join(line, newcomer.store, answering.url, code_for(county))
        assert told.value.retry_after == brake.SECONDS
        line.close()
        known = HttpCounty.to(desk.store, answering.url)
        assert desk.exchange(known).delivered
        assert list(known.exchange(Request(Hello(ties(desk.store).device, "", "", limit=1))))
        known.close()


def test_the_brake_lets_go_after_a_minute() -> None:
    now = [0.0]
    slow = Brake(lambda: now[0])

    def wrong() -> None:
        with pytest.raises(CountyRefused), slow.applied():
            raise CountyRefused("不对", code=WRONG_CODE)

    for _ in range(brake.MOST):
        wrong()
    with pytest.raises(CountyUnreachable), slow.applied():
        raise AssertionError("not while it is on")
    now[0] = brake.SECONDS + 1
    wrong()
