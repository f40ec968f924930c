"""Tell a cloned disk from a lost answer: a token that is proposed, and kept, before it is used."""

from __future__ import annotations

import secrets

COUNT, CHANCE = 4, 6


def proposal(token: bytes) -> bytes:
    """What a desk wants to be known by after its next contact: it counts one further, and nobody guesses it."""
    return (_count(token) + 1).to_bytes(COUNT, "big") + secrets.token_bytes(CHANCE)


def agreed(known: bytes, token: bytes, proposed: bytes) -> bytes | None:
    """What the county knows the desk by from now on; None: somebody else has used this desk's name meanwhile.

    ``known`` is what both agreed on last, as far as the county remembers. A desk that still proposes what is known
    already never heard the answer. One whose token counts further than the county knows has been answered by a county
    that was put back since: that is no clone, for a clone's token is one that was used up.
    """
    if not token and not proposed:
        return known
    if not known or token == known or _count(token) > _count(known):
        return proposed or token
    return known if proposed == known else None


def _count(token: bytes) -> int:
    return int.from_bytes(token[:COUNT], "big")
