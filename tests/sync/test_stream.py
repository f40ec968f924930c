"""A long upload as one stream: whatever becomes of the line, only whole, proven blocks are read, in their order."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import stream, wire
from sync.messages import Change, Hello, Request, Unit

DEVICE = "d" * 32
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PROOF = KEY.sign(b"the hello")


def unit(seq: int) -> Unit:
    record = f"{random.Random(seq).getrandbits(128):032x}"
    change = Change("person", record, {"name": f"王小{seq}", "org": "530602001001"}, {})
    return Unit(seq, "save", record, "a" * 32, "李娟", 1_700_000_000_000 + seq, (change,))


def blocks(*sizes: int) -> list[tuple[Unit, ...]]:
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return [tuple(unit(start + n + 1) for n in range(size)) for start, size in zip(starts, sizes, strict=True)]


def pieces(sent: Sequence[tuple[Unit, ...]]) -> list[bytes]:
    return list(stream.signed(DEVICE, PROOF, KEY.sign, sent))


def heard(chunks: Sequence[bytes]) -> list[tuple[Unit, ...]]:
    """What the other end reads of these chunks."""
    found, chain, reader = stream.Pieces(), stream.Chain(DEVICE, PROOF, KEY.public_key().verify), stream.Blocks()
    return [reader.read(chain.proven(piece)) for chunk in chunks for piece in found.add(chunk)]


def test_blocks_come_back_as_they_went_in_chunks_of_any_size() -> None:
    sent = blocks(3, 1, 40)
    whole = b"".join(pieces(sent))
    for size in (1, 7, 1_000, len(whole)):
        assert heard([whole[at : at + size] for at in range(0, len(whole), size)]) == sent


def test_a_stream_cut_at_any_byte_gives_the_blocks_that_were_complete() -> None:
    sent = blocks(2, 1, 2)
    made = pieces(sent)
    ends = [sum(map(len, made[: at + 1])) for at in range(len(made))]
    whole = b"".join(made)
    for cut in range(len(whole)):
        assert heard([whole[:cut]]) == sent[: sum(end <= cut for end in ends)]


def test_later_blocks_cost_less_because_they_know_the_earlier_ones() -> None:
    together = sum(map(len, stream.encode_blocks(blocks(50, 50, 50, 50))))
    alone = sum(len(wire.encode_request(Request(Hello(DEVICE, "", ""), block))) for block in blocks(50, 50, 50, 50))
    assert together < 0.9 * alone


def test_a_changed_bit_in_any_block_is_noticed_before_the_block_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pieces(blocks(1, 1))
    first, second = (piece[stream.HEAD :] for piece in made)
    for bit in range(len(second) * 8):
        changed = bytearray(second)
        changed[bit // 8] ^= 1 << bit % 8
        chain = stream.Chain(DEVICE, PROOF, KEY.public_key().verify)
        chain.proven(first)
        with pytest.raises(InvalidSignature):
            chain.proven(bytes(changed))


@pytest.mark.parametrize("order", [(1, 0), (0, 0), (0, 2), (1, 2)])
def test_blocks_that_are_left_out_repeated_or_turned_round_are_refused(order: tuple[int, ...]) -> None:
    made = pieces(blocks(1, 1, 1))
    with pytest.raises(InvalidSignature):
        heard([made[at] for at in order])


def test_blocks_of_another_stream_or_another_device_do_not_fit_in() -> None:
    sent = blocks(1, 1)
    other = list(stream.signed(DEVICE, KEY.sign(b"another hello"), KEY.sign, sent))
    with pytest.raises(InvalidSignature):
        heard([pieces(sent)[0], other[1]])
    strange = list(stream.signed("e" * 32, PROOF, KEY.sign, sent))
    with pytest.raises(InvalidSignature):
        heard(strange)


def test_what_is_signed_but_no_block_is_refused() -> None:
    for junk in (b"", b"junk", zstandard.compress(b"\xc1"), zstandard.compress(b"\x92\x01\x02")):
        with pytest.raises(wire.Unreadable):
            stream.Blocks().read(junk)


def test_a_block_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = zstandard.compress(b"\x00" * (wire.LARGEST * 4))
    assert len(bomb) < 100_000
    with pytest.raises(wire.Unreadable):
        stream.Blocks().read(bomb)


def test_a_piece_larger_than_any_honest_one_is_not_waited_for() -> None:
    with pytest.raises(wire.Unreadable):
        list(stream.Pieces().add((stream.LARGEST_PIECE + 1).to_bytes(stream.HEAD, "big")))
