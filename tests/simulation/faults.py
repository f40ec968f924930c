"""What can go wrong, how often, and which piece of the design is taken out to see whether the judge notices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong: the first ones in a contact, those from ``restore`` on in a step."""

    request_lost: float = 0.10
    answer_lost: float = 0.10
    repeated: float = 0.06
    delayed: float = 0.05
    cut_upload: float = 0.08
    cut_download: float = 0.08
    crash: float = 0.05
    stale_form: float = 0.5
    moved: float = 0.04
    restore: float = 0.0012
    rolled_back: float = 0.0004
    cloned: float = 0.0006
    imaged: float = 0.0006
    laptop_lost: float = 0.0003
    granted: float = 0.002
    bin_emptied: float = 0.001


CALM = Faults(restore=0.0, rolled_back=0.0, cloned=0.0, imaged=0.0, laptop_lost=0.0)
"""A county and laptops that are never put back."""
SETTLED = Faults(moved=0.0, granted=0.0, bin_emptied=0.0, laptop_lost=0.001)
"""Nobody moves, no post changes: what one laptop showed must come back even if its author's is gone."""
QUIET = Faults(
    moved=0.0, restore=0.0, rolled_back=0.0, cloned=0.0, imaged=0.0, laptop_lost=0.0, granted=0.0, bin_emptied=0.0
)
"""Only the line is bad."""


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A design with one piece taken out; the judge must notice every one of them."""

    last_arrival_wins: bool = False
    bases_at_save: bool = False
    emptied_at_ack: bool = False
    cursor_before_rows: bool = False
    no_epoch: bool = False
    stamps_without_epoch: bool = False
    scope_by_cursor_alone: bool = False
    numbers_given_twice: bool = False
    rollback_unnoticed: bool = False
    token_not_proposed: bool = False
    token_proposed_again: bool = False
    no_token: bool = False
    clones_sent_anew: bool = False
    emptied_without_trace: bool = False
    patch_without_base: bool = False
    late_saves_refused_unheard: bool = False
    unknown_fields_dropped: bool = False
    no_witness: bool = False
    sets_buried: bool = False


HONEST = Sabotage()
