"""The order of a visit's page: that of the paper sheet, so that a sheet is typed in from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping

from ui.words import tr

COMMON = ("visited_on", "mode", "purpose", "visitors")
"""What all visits of one outing share; asked once, at the top."""

SAFETY = tr("安全（每次都要亲眼看、重新问）")
RESULT = tr("走访结果")

Order = Mapping[str, tuple[str, ...]]

CHILD: Order = {
    RESULT: ("outcome", "not_met_reason", "place"),
    SAFETY: ("child_seen", "injuries", "mood", "child_is_with"),
    tr("问询"): ("informant", "informant_relation", "informant_address", "last_parent_contact_on"),
    tr("情况"): ("living", "family", "guardianship", "mind", "guardian_opinion", "schooling", "schooling_detail"),
    tr("发现的问题和措施"): (
        "concerns", "concern_note", "actions", "support_recommendations", "priority_watch", "next_visit_on",
    ),
}  # fmt: skip
ELDER: Order = {
    RESULT: ("outcome", "not_met_reason", "present"),
    SAFETY: ("elder_seen", "falls", "mood", "home_dangers"),
    tr("身体"): ("health", "health_note", "takes_medicine", "diet", "sleep", "orientation", "self_care_changed"),
    tr("生活"): ("living_with", "last_child_contact_on", "support_performed", "hygiene", "money_risk"),
    tr("需求和措施"): ("needs", "policies_explained", "actions", "referral", "risk_level", "note", "next_visit_on",
                      "photo_consent"),
}  # fmt: skip
SAFETY_QUESTIONS = (*CHILD[SAFETY], *ELDER[SAFETY])
ORDERS: Mapping[str, Order] = {"child_visit": CHILD, "elder_visit": ELDER}

ASKED_OF_THE_MET = frozenset({SAFETY, tr("问询"), tr("情况"), tr("身体"), tr("生活")})
"""Sections that are put away when nobody was met."""
