"""What is printed: the forms, and the one verb that turns records into pages."""

from __future__ import annotations

from app.errors import UserError
from app.paper import (
    child_registration,
    child_visit_record,
    elder_visit_record,
    mandatory_report,
    register_list,
    visit_sheet,
)
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.render import NothingToPrint, PrintedDocument, PrintedSheet, render

PRINTED_FORMS: tuple[PrintedForm, ...] = (
    child_registration.FORM,
    child_visit_record.FORM,
    elder_visit_record.FORM,
    visit_sheet.FORM,
    mandatory_report.FORM,
    register_list.FORM,
)


class UnknownForm(UserError):
    """No printed form has this name."""

    code = "P3"


def printed_form(name: str) -> PrintedForm:
    """The form of this name; UnknownForm when there is none."""
    for form in PRINTED_FORMS:
        if form.name == name:
            return form
    names = "、".join(form.name for form in PRINTED_FORMS)
    raise UnknownForm(f"没有打印。没有叫 {name} 的表格。", advice=f"可用的有：{names}。")


__all__ = [
    "PRINTED_FORMS", "Handling", "NothingToPrint", "PrintedDocument", "PrintedForm", "PrintedSheet", "Setting",
    "Subject", "UnknownForm", "printed_form", "render",
]  # fmt: skip
