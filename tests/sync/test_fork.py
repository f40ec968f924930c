"""What the county makes of the token a desk shows and the one it proposes, as a table."""

from __future__ import annotations

import pytest

from sync.fork import agreed, proposal


def token(count: int, sign: str = "a") -> bytes:
    return count.to_bytes(4, "big") + sign.encode() * 6


@pytest.mark.parametrize(
    "known,shown,proposed,after",
    [
        (b"", b"", token(1), token(1)),  # the first contact
        (token(1), b"", token(1), token(1)),  # its answer was lost
        (token(1), token(1), token(2), token(2)),
        (token(2), token(1), token(2), token(2)),  # the answer was lost
        (token(2), token(2), b"", token(2)),  # the same exchange goes on
        (token(2), token(1), token(2, "b"), None),  # used up by another copy
        (token(3), token(1), token(2), None),
        (token(1), b"", token(1, "b"), None),  # two copies of what had never been in contact
        (token(2), token(1), b"", None),
        (token(2), token(2, "b"), token(3), None),
        (token(2), token(5), token(6), token(6)),  # the county was put back
        (b"", token(5), token(6), token(6)),
        (token(2), b"", b"", token(2)),  # by stick
    ],
)
def test_only_a_token_that_somebody_else_used_up_tells_of_a_clone(
    known: bytes, shown: bytes, proposed: bytes, after: bytes | None
) -> None:
    assert agreed(known, shown, proposed) == after


def test_every_proposal_counts_one_further_and_is_its_own() -> None:
    first = proposal(b"")
    assert {first[:4], proposal(first)[:4]} == {token(1)[:4], token(2)[:4]}
    assert proposal(first) != proposal(first)
