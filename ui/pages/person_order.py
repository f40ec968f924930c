"""The sections of a person's page, in the order in which one gets to know somebody."""

from __future__ import annotations

from dataclasses import dataclass

from ui.words import tr


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A heading, whose record, and which of its fields. Life events have their own verbs and are not edited here."""

    title: str
    type_name: str
    names: tuple[str, ...]


SECTIONS: tuple[SectionPlan, ...] = (
    SectionPlan(
        tr("儿童登记"),
        "child",
        ("categories", "risk_level", "risk_reason", "priority_watch", "child_number", "registered_on"),
    ),
    SectionPlan(
        tr("老年人登记"), "elder", ("categories", "risk_level", "risk_reason", "priority_watch", "registered_on")
    ),
    SectionPlan(
        tr("监护"),
        "child",
        (
            "guardianship_type",
            "guardianship_grade",
            "improper_guardianship",
            "improper_other",
            "single_parent",
            "single_parent_reason",
            "caregiver_reason",
            "has_caregiver",
            "last_parent_contact_on",
        ),
    ),
    SectionPlan(tr("就学"), "child", ("schooling", "grade", "school", "boards_at_school", "student_number")),
    SectionPlan(
        tr("生活和照料"),
        "elder",
        (
            "living_situation",
            "self_care",
            "needs",
            "medical_payments",
            "income_sources",
            "help_measures",
            "emergency_contacts",
            "supporters_note",
            "religion",
        ),
    ),
    SectionPlan(
        tr("基本情况"),
        "person",
        (
            "name",
            "other_names",
            "sex",
            "birth_date",
            "birth_precision",
            "birth_source",
            "lunar_text",
            "ethnic_group",
            "village_group",
        ),
    ),
    SectionPlan(
        tr("联系和工作"),
        "person",
        ("phones", "work_place", "income_sources", "marital", "education", "relation_to_head"),
    ),
    SectionPlan(tr("证件"), "person", ("id_type", "id_number", "id_state", "id_to_verify")),
    SectionPlan(
        tr("户籍和住址"),
        "person",
        (
            "current_address",
            "registered_address",
            "lives_at_registered",
            "hukou_class",
            "hukou_nature",
            "residence_since",
            "residence_proof",
        ),
    ),
    SectionPlan(
        tr("健康"),
        "person",
        (
            "health",
            "disability_types",
            "disability_level",
            "disability_card",
            "serious_illnesses",
            "chronic_illnesses",
            "health_other",
        ),
    ),
    SectionPlan(
        tr("帮扶"),
        "child",
        (
            "special_conditions",
            "help_measures",
            "support_recommendations",
            "economy_sources",
            "living_summary",
            "social_relations",
            "employment",
            "allowance_note",
        ),
    ),
    SectionPlan(
        tr("家庭"),
        "household",
        (
            "head_name",
            "household_number",
            "address",
            "phones",
            "member_count",
            "poverty_monitor_type",
            "benefits",
            "income_sources",
            "annual_income",
            "housing",
            "note",
        ),
    ),
    SectionPlan(tr("备注"), "person", ("note",)),
)
