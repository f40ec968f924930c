"""What desks of every edition said, as values; the files beside are their bytes, kept as they went over the line.

A new protocol adds a file, ``<protocol>-<what is new>.push``, of ``wire.encode_request(PUSHED)``; none is ever changed.
"""

from __future__ import annotations

from sync.messages import Change, Hello, Request, Unit

VILLAGE = "530602001001"
PERSON, CHILD_VISIT, STRANGE = ("0123456789abcdef0123456789abcd" + tail for tail in ("01", "02", "03"))
AUTHOR = "fedcba9876543210fedcba9876543210"

PUSHED = Request(
    Hello("aa" * 16, "bb" * 8, "cc" * 4, {"": 7}, "dd" * 8, 500, 1),
    (
        Unit(
            1, "register", PERSON, AUTHOR, "李娟", 1_700_000_000_000,
            (
                Change("person", PERSON, {
                    "name": "王小明", "org": VILLAGE, "phones": ["13900000001"],
                    "birth": {"birth_date": "2015-03-05", "birth_source": "oral"},
                    "other_names": {"add": ["明明"], "remove": []},
                }),
                Change("child", PERSON, {"risk_level": "low", "priority_watch": False}),
            ),
        ),
        Unit(
            2, "save", PERSON, AUTHOR, "李娟", 1_700_000_100_000,
            (Change("person", PERSON, {"village_group": "三组", "name": None}, {"village_group": "~1", "name": "~1"}),),
        ),
        Unit(
            3, "save", PERSON, AUTHOR, "李娟", 1_700_000_200_000,
            (Change("child_visit", CHILD_VISIT, {"subject": PERSON, "visited_on": "2026-01-05", "outcome": "met"}),),
        ),
        Unit(4, "delete", PERSON, AUTHOR, "李娟", 1_700_000_300_000,
             (Change("child_visit", CHILD_VISIT, {"@deleted": True}, {"*": "~3"}),)),
        Unit(5, "save", "", AUTHOR, "李娟", 1_700_000_400_000,
             (Change("weather", STRANGE, {"org": VILLAGE, "sky": "晴", "degrees": -3}),)),
    ),
)  # fmt: skip
