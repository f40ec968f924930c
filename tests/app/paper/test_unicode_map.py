"""The codes of a printed font map back to the characters they stand for."""

from app.paper.unicode_map import to_unicode_map


def test_a_character_beyond_the_bmp_is_written_as_a_surrogate_pair():
    assert "<01> <D872DF5A>" in to_unicode_map("F", [0, ord("𬭚")])


def test_the_missing_glyph_stands_for_nothing():
    assert "<00> <" not in to_unicode_map("F", [0, 65]).split("endcodespacerange")[1]


def test_no_block_holds_more_than_a_hundred_entries():
    text = to_unicode_map("F", [0, *range(0x4E00, 0x4E00 + 250)])
    assert [int(line.split()[0]) for line in text.splitlines() if line.endswith(" beginbfchar")] == [100, 100, 50]
