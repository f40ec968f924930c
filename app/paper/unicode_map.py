"""The map from a printed font's codes back to text, so that names can be searched and copied from the PDF."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_BLOCK = 100
"""Entries that one beginbfchar block may hold (Adobe technical note 5411)."""


def to_unicode_map(font_name: str, subset: Sequence[int]) -> str:
    """The ToUnicode stream of one subset; code 0 is the missing glyph and stands for nothing."""
    entries = [f"<{code:02X}> <{_utf16(char)}>" for code, char in enumerate(subset) if char]
    blocks = (entries[start : start + LONGEST_BLOCK] for start in range(0, len(entries), LONGEST_BLOCK))
    head = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        f"/CIDSystemInfo << /Registry ({font_name}) /Ordering ({font_name}) /Supplement 0 >> def\n"
        f"/CMapName /{font_name} def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <{max(len(subset) - 1, 0):02X}>\nendcodespacerange\n"
    )
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return head + body + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"


def install() -> None:
    """Put it in the place of reportlab's own, which writes characters beyond the BMP so that 𬭚 reads back wrong."""
    from reportlab.pdfbase import ttfonts

    ttfonts.makeToUnicodeCMap = to_unicode_map


def _utf16(char: int) -> str:
    return chr(char).encode("utf-16-be").hex().upper()
