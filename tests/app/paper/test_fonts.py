"""The carried fonts are the ones that were checked, and every name finds a face."""

import hashlib
import json

import pytest

from app.paper import fonts
from app.paper.fonts import Face
from app.paths import resource

FONTS = json.loads(resource("fonts", "fonts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", FONTS, ids=lambda entry: entry["file"])
def test_a_font_file_is_the_one_that_is_listed_with_its_licence(entry):
    data = resource("fonts", entry["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert len(data) == entry["bytes"]
    assert "licen" in resource("fonts", entry["licence_file"]).read_text(encoding="utf-8").lower()


def test_no_font_file_is_unlisted_and_all_together_stay_under_60_megabytes():
    files = {path.name: path.stat().st_size for path in resource("fonts").iterdir() if ".tt" in path.name}
    assert set(files) == {entry["file"] for entry in FONTS}
    assert sum(files.values()) <= 60_000_000


@pytest.mark.parametrize("char", "䶮㛃𬭚𬭎𠅤·阿鑫")
def test_the_rare_characters_of_names_need_no_last_fallback(char):
    for face in (Face.SONG, Face.KAI):
        actual, printed, _ = fonts.place(face, char)
        assert printed == char
        assert actual is not Face.RARE


def test_a_character_of_an_extension_comes_from_the_last_fallback():
    assert fonts.place(Face.KAI, "𠀀")[:2] == (Face.RARE, "𠀀")


def test_a_character_that_no_face_has_prints_as_a_mark_and_is_reported():
    assert fonts.place(Face.KAI, "😀")[1] == fonts.MISSING
    assert fonts.missing(Face.KAI, "王😀") == {"😀"}


def test_a_name_in_several_faces_is_printed_in_stretches_of_one_face():
    stretches = fonts.runs(Face.KAI, "阿·木𠀀乃")
    assert "".join(words for _, words in stretches) == "阿·木𠀀乃"
    assert [face for face, _ in stretches] == [Face.KAI, Face.RARE, Face.KAI]


def test_a_missing_font_file_is_said_in_plain_words(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "resource", lambda *parts: tmp_path.joinpath(*parts))
    with pytest.raises(fonts.FontMissing, match="数据都在"):
        fonts.reportlab_font.__wrapped__(Face.SONG)
