"""Which village a row belongs to, by the name that its file writes."""

from __future__ import annotations

import re

from app.records.divisions import Level, children, level_of, short_name
from app.records.record import Value

ENDINGS = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区居委会|村居委会|社区|村|居)+$")

ABOVE = "镇乡县区市州道"
"""What a name may end in that stands before a village's: 上 is not among them, 上练习村 is another village."""


class Places:
    """The villages of a post: one for a village, all below it for a township or a county, or those it was granted."""

    def __init__(self, *orgs: str) -> None:
        self.orgs = orgs
        self.villages = [found for org in orgs for found in _villages(org)]

    def find(self, told: Value) -> tuple[str, str]:
        """The division of a row and "", or "" and why it has none. A row that names no village is the post's own,
        if it has one only.
        """
        text = "".join(str(told or "").split())
        if not text and len(self.orgs) > 1:
            return "", "没有写是哪个村，这一行没有导入"
        if not text or not self.villages:
            return self.orgs[0], ""
        found = self._named(text)
        return (found, "") if found else ("", f"「{told}」不在{'、'.join(map(short_name, self.orgs))}，这一行没有导入")

    def _named(self, text: str) -> str:
        """练习镇练习村 and 练习村委会 are 练习村; what could be two villages is none."""
        for code, name in self.villages:
            above = text.removesuffix(name)
            if above != text and (not above or above[-1] in ABOVE):
                return code
        same = [code for code, name in self.villages if _stem(name) == _stem(text)]
        return same[0] if len(same) == 1 else ""


def _stem(name: str) -> str:
    return ENDINGS.sub("", "".join(name.split()))


def _villages(org: str) -> list[tuple[str, str]]:
    if not org or level_of(org) is Level.VILLAGE:
        name = short_name(org)
        return [(org, name)] if org and name != org else []
    return [found for below in children(org) for found in _villages(below.code)]
