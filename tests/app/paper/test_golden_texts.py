"""The words of each form, in reading order, against a text that a person has read.

A changed form shows here as a difference; ``python -m tests.app.paper.test_golden_texts`` writes the texts anew.
"""

from datetime import date
from pathlib import Path

import pytest

from app.paper import PRINTED_FORMS, PrintedForm, Setting, render
from tests.app.paper.people import FILES
from tests.app.paper.reading import pages_of, ticked_in

GOLDEN = Path(__file__).parents[2] / "golden"


def golden_text(form: PrintedForm) -> str:
    """The form's text page by page, then what is ticked: the drawn boxes are no text."""
    setting = Setting(unit="某某镇大槐树村村民委员会", today=date(2026, 11, 23))
    document = render(form, [FILES[form.name]], setting)
    ticked = ticked_in(form, FILES[form.name], setting.for_form(form))
    return "\n\n".join([*pages_of(document), "已勾选：" + "、".join(ticked)]) + "\n"


@pytest.mark.parametrize("form", PRINTED_FORMS, ids=lambda form: form.name)
def test_a_form_prints_the_words_that_were_read_and_agreed(form):
    assert golden_text(form) == (GOLDEN / f"{form.name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for known in PRINTED_FORMS:
        (GOLDEN / f"{known.name}.txt").write_text(golden_text(known), encoding="utf-8")
