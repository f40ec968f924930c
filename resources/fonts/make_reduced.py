"""Write the two reduced faces of this folder from the full ones (by hand, needs fonttools)."""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
UNIFIED = range(0x4E00, 0xA000)


def of_charset(codec: str, high: range, low: range) -> set[int]:
    """The code points that a double-byte character set can say."""
    found = set()
    for first in high:
        for second in low:
            try:
                found |= {ord(char) for char in bytes([first, second]).decode(codec)}
            except UnicodeDecodeError:
                continue
    return found


GB2312 = of_charset("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
# Python reads GB 2312's middle dot and dash as other code points than those that names and forms use.
MARKS = set(map(ord, "·—–…×÷℃㎡°‰〔〕〇①②③④⑤⑥⑦⑧⑨⑩"))
BIG5_LEVEL_1 = of_charset("big5", range(0xA4, 0xC7), range(0x40, 0xFF))


def reduced(source: Path, keep: set[int], target: str, rename: str = "") -> None:
    """Keep the characters, drop layout tables and hints, and take a new name where the licence asks for one."""
    font = TTFont(source)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "BASE", "STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=keep | MARKS | set(range(0x20, 0x7F)))
    subsetter.subset(font)
    if rename:
        rename_face(font, rename)
    font.save(HERE / target)


def rename_face(font: TTFont, family: str) -> None:
    """A reserved font name may not be carried by a changed version (OFL 1.1, condition 3)."""
    names = font["name"]
    copyright_, licence = names.getDebugName(0), names.getDebugName(13)
    names.names = []
    plain = family.replace(" ", "")
    for number, text in {0: copyright_, 1: family, 2: "Regular", 3: plain, 4: family, 5: "Version 1.250",
                         6: plain + "-Regular", 13: licence}.items():
        names.setName(text, number, 3, 1, 0x409)


if __name__ == "__main__":
    serif_bold, kai = map(Path, sys.argv[1:])
    reduced(serif_bold, GB2312, "NotoSerifSC-Bold-reduced.ttf")
    rare = {code for code in TTFont(kai).getBestCmap() if code not in UNIFIED}
    reduced(kai, GB2312 | BIG5_LEVEL_1 | rare, "ShouwangKai-Regular.ttf", "Shouwang Kai")
