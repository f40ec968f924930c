"""Finding people by name, pinyin, initials, village group or the last four of the ID, as fast as one types.

One contentless FTS5 table with one token per Chinese character (design.md: the trigram tokenizer is silently empty
below three characters; a broad prefix is limited before anything is sorted).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from app.store.results import PersonHit

if TYPE_CHECKING:
    from sqlite_utils import Database

Row = tuple[int, str | None, str | None, str | None, str | None, str | None]
"""n, name, other names (JSON text), village group, address, id number."""

_TONES = {ord(marked): plain for plain, signs in {
    "a": "āáǎà", "e": "ēéěèê", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "v": "ǖǘǚǜü", "n": "ńňǹ", "m": "ḿ",
}.items() for marked in signs}  # fmt: skip
# Surnames read otherwise than the character usually is.
_SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "曾": "zeng", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "尉": "yu", "缪": "miao", "翟": "zhai", "华": "hua", "乐": "yue", "召": "shao", "员": "yun",
}  # fmt: skip
_ASCII = re.compile(r"[a-z]+|[0-9x]+")
MOST_READINGS = 6


@cache
def readings(sign: str) -> tuple[str, ...]:
    """All toneless readings of a character, the commonest first; the character itself when it has none."""
    from pypinyin.constants import PINYIN_DICT

    found = PINYIN_DICT.get(ord(sign))
    if not found:
        return (sign.lower(),) if sign.isalnum() else ()
    plain = (reading.translate(_TONES) for reading in unicodedata.normalize("NFC", found).split(","))
    return tuple(dict.fromkeys("".join(c for c in text if c.isascii()) for text in plain))


def spellings(name: str) -> tuple[str, ...]:
    """The name in pinyin, syllables joined by spaces: every reading of the surname, the first of the others."""
    signs = [sign for sign in name if readings(sign)]
    if not signs:
        return ()
    surname = tuple(dict.fromkeys((*((_SURNAMES[signs[0]],) if signs[0] in _SURNAMES else ()), *readings(signs[0]))))
    rest = [readings(sign)[:1] for sign in signs[1:]]
    return tuple(" ".join(spelling) for spelling in product(surname[:MOST_READINGS], *rest))


def sort_key(name: str) -> str:
    """For lists: in the order of pinyin, then of the characters."""
    spelled = spellings(name)
    return f"{spelled[0] if spelled else ''}\x1f{name}"


def entry(row: Row) -> tuple[Any, ...]:
    """What the index keeps of one person."""
    n, name, others, group, address, id_number = row
    words = [name or "", *re.findall(r'"([^"]+)"', others or "")]
    spelled = [spelling for word in words for spelling in spellings(word)]
    joined = " ".join(spelling.replace(" ", "") for spelling in spelled)
    initials = " ".join("".join(syllable[0] for syllable in spelling.split()) for spelling in spelled)
    place = _apart(f"{group or ''} {address or ''}")
    return n, " ".join(_apart(word) for word in words), joined, initials, place, (id_number or "")[-4:]


def index(db: Database, rows: Iterable[Row]) -> None:
    """Put persons into the index, in place of what it had of them."""
    entries = [entry(row) for row in rows]
    raw = db.conn
    raw.executemany("DELETE FROM search WHERE rowid = ?", [(told[0],) for told in entries])
    raw.executemany(
        "INSERT INTO search (rowid, name, pinyin, initials, place, tail) VALUES (?, ?, ?, ?, ?, ?)", entries
    )


def forget(db: Database, numbers: Iterable[int]) -> None:
    """Take persons out of the index."""
    db.conn.executemany("DELETE FROM search WHERE rowid = ?", [(n,) for n in numbers])


def scrub(db: Database) -> None:
    """Write the index anew without those who were taken out: until then their letters lie in it, unused."""
    db.execute("INSERT INTO search (search) VALUES ('optimize')")


def question(text: str) -> str | None:
    """The FTS5 query for what was typed, every piece quoted; None when nothing can be asked."""
    tidy = unicodedata.normalize("NFKC", text).lower()
    pieces = [_letters(piece) for piece in _ASCII.findall(tidy)]
    chinese = [sign for sign in tidy if not sign.isascii() and (sign.isalpha() or sign == "〇")]
    if chinese:
        # One unbroken phrase finds a name; "三组 王" is two.
        words = re.findall(r"[^\s\x00-\x7f]+", tidy)
        pieces += [f'{{name place}} : "{_apart(word)}" *' for word in words if _apart(word).strip()]
    return " AND ".join(pieces) if pieces else None


def _letters(piece: str) -> str:
    if piece[0].isdigit():
        return f'{{tail place}} : "{piece}" *'
    return f'{{pinyin initials tail}} : "{piece}" *'


def _apart(text: str) -> str:
    return " ".join(sign for sign in text if sign.isalnum())


def find(db: Database, text: str, limit: int) -> list[PersonHit]:
    """People that match, best first among the first found; never raises for anything that can be typed."""
    asked = question(text)
    if asked is None:
        return []
    # The limit stands inside: sorting all of a broad prefix would cost 40–80 ms (design.md, "search").
    found = db.execute(
        "SELECT p.id, p.name, p.village_group, p.org, p.birth_date, "
        "(SELECT group_concat(kind) FROM roll WHERE roll.person = p.n) "
        "FROM (SELECT rowid AS n FROM search WHERE search MATCH ? LIMIT ?) AS s CROSS JOIN person AS p ON p.n = s.n "
        "WHERE p.deleted = 0",
        [asked, limit * 4],
    ).fetchall()
    hits = [
        PersonHit(id_, name or "", group or "", org or "", birth, _kinds(kinds))
        for id_, name, group, org, birth, kinds in found
    ]
    typed = unicodedata.normalize("NFKC", text).strip().lower()
    return sorted(hits, key=lambda hit: _rank(hit, typed))[:limit]


def hit_of(db: Database, id_: str) -> PersonHit | None:
    """One person as the search list shows them."""
    row = db.execute(
        "SELECT id, name, village_group, org, birth_date, (SELECT group_concat(kind) FROM roll WHERE roll.person = n) "
        "FROM person WHERE id = ? AND deleted = 0",
        [id_],
    ).fetchone()
    return PersonHit(row[0], row[1] or "", row[2] or "", row[3] or "", row[4], _kinds(row[5])) if row else None


def _kinds(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _rank(hit: PersonHit, typed: str) -> tuple[int, int, str]:
    """Exact names, then names that begin so; those who are visited before relatives."""
    exact = 0 if hit.name == typed else 1 if hit.name.startswith(typed) else 2
    return exact, 0 if hit.kinds else 1, hit.name
