"""The county across a line: a thin shell of Starlette around ``CountyServer``; each request bears one signature."""

from __future__ import annotations

import asyncio
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from queue import SimpleQueue

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.errors import CountyRefused, CountyUnreachable, EnvironmentFault, ShouwangError
from sync import drill, stream, wire
from sync.messages import Enrolment, Introduction, Refusal, Request
from sync.parcel import NOT_WELCOME, ParcelRefused
from sync.protocol import ASKING, EXCHANGE, FIRST_EXCHANGE, ID, LATER, LOAD, parted_words, signed_text
from sync.server import parcels
from sync.server.brake import Brake
from sync.server.county import CountyServer
from sync.server.crowd import LEAST_SECONDS, Crowd
from sync.server.database import BUSY, UNKEEPABLE
from sync.server.passing import Passing
from sync.server.turn import Turn
from sync.server.uploads import STALL_SECONDS, Upload, Uploads

LARGEST_BODY = 16 << 20
MOST_HELD = 256 << 20
"""Bytes of all bodies that are on their way."""
TURN_SECONDS = 0.1
"""So long one answer is worked on before the next has its turn: it takes hundreds before one waits for a minute."""
LARGEST_WORD = 16 << 10
"""So much is heard of somebody who is not known yet."""
ID_LETTERS = 2 * ID
"""So many letters of a device's id stand before its signature in a header."""
NOT_ITS_HAND = "资料都在这台电脑上，没有丢。县里认不出这台电脑的签名。"
FELL_SILENT = "资料都在这台电脑上，没有丢。送到一半就没有声音了。"
MEDIA_TYPE = "application/x-shouwang"
Made = bytes | Iterator[bytes] | AsyncIterator[bytes]
Handler = Callable[[CountyServer, str, HttpRequest, bytes], Made]
Proof = Callable[[CountyServer, HttpRequest, bytes], tuple[str, bytes]]
"""Gives who speaks, proven, and what was said. Raises CountyRefused, InvalidSignature."""


def application(county: CountyServer) -> Starlette:
    """The web application of one county."""
    bodies, crowd = _Bodies(), Crowd()

    def route(path: str, method: str, work: Handler, proof: Proof = _by_header, most: int = LARGEST_BODY) -> Route:
        async def answer(request: HttpRequest) -> Response:
            try:
                content = await bodies.read(request, most)
            except (TimeoutError, ClientDisconnect):
                return _refusal(408, Refusal("C15", FELL_SILENT))
            except _TooMuchAtOnce:
                return _busy(crowd.slot())
            if content is None:
                return _refusal(413, Refusal("C11", "资料都在这台电脑上。一次送得太多。"))
            if crowd.is_full:
                return _busy(crowd.slot())
            with crowd.entered():
                return await run_in_threadpool(_answered, county, request, content, work, proof)

        return Route(path, answer, methods=[method])

    uploads = Uploads()
    exchange = partial(_exchange, uploads, Turn())
    return Starlette(
        routes=[
            Route("/v1/health", _health),
            route(EXCHANGE, "POST", exchange, _by_body),
            route(EXCHANGE + "/{sha256}", "POST", exchange, _by_body),
            route(FIRST_EXCHANGE, "POST", exchange),
            route("/v1/enrol", "POST", partial(_enrol, Brake()), _unproven, LARGEST_WORD),
            route("/v1/introduce", "POST", _introduce, _unproven, LARGEST_WORD),
            Route(stream.PATH, _Streams(county, uploads, crowd), methods=["POST"]),
            route("/v1/sums", "POST", _sums),
            route("/v1/parcel/{sha256}", "POST", _parcel),
            route("/v1/parcel/{sha256}/held", "GET", _parcel_held),
            route("/v1/parcel/{sha256}", "PUT", _put_parcel),
            route("/v1/parcel/{sha256}", "GET", _parcel_answer),
            route("/v1/look", "POST", _look),
            route("/v1/named", "POST", _named),
            route("/v1/blob/{sha256}/held", "GET", _held),
            route("/v1/blob/{sha256}", "PUT", _put_blob),
            route("/v1/blob/{sha256}", "GET", _get_blob),
        ]
    )


async def _health(_request: HttpRequest) -> Response:
    return PlainTextResponse("ok")


class _TooMuchAtOnce(Exception):
    """Bodies are on their way that together would fill the memory."""


class _Bodies:
    """What is being said by whoever, before it is known who it is."""

    def __init__(self) -> None:
        self._held = 0

    async def read(self, request: HttpRequest, most: int) -> bytes | None:
        """The body, or None as soon as it is larger than any honest one.

        Raises TimeoutError when nothing comes any more, ClientDisconnect, _TooMuchAtOnce.
        """
        found, chunks = bytearray(), request.stream()
        try:
            while True:
                async with asyncio.timeout(STALL_SECONDS):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return bytes(found)
                found += chunk
                self._held += len(chunk)
                if len(found) > most:
                    return None
                if self._held > MOST_HELD:
                    raise _TooMuchAtOnce
        finally:
            self._held -= len(found)


def _answered(county: CountyServer, request: HttpRequest, content: bytes, work: Handler, proof: Proof) -> Response:
    try:
        device, words = proof(county, request, content)
        made = work(county, device, request, words)
        return Response(made) if isinstance(made, bytes) else StreamingResponse(made)
    except (wire.Unreadable, *UNKEEPABLE):
        return _refusal(400, Refusal("C15", "资料都在这台电脑上，没有丢。送来的内容县里读不懂。", "请升级程序再试。"))
    except CountyUnreachable as error:  # who is asked to wait hears why
        return _refusal(503, Refusal(LATER, error.message, error.advice, round(error.retry_after)))
    except (EnvironmentFault, *BUSY):
        return _busy()
    except InvalidSignature:
        return _refusal(403, Refusal("C17", NOT_ITS_HAND))
    except ShouwangError as error:
        return _refusal(403, Refusal(error.code, error.message, error.advice))


def _by_header(county: CountyServer, request: HttpRequest, content: bytes) -> tuple[str, bytes]:
    return _proven(county, request, *_by(request), content)


def _by_body(county: CountyServer, request: HttpRequest, content: bytes) -> tuple[str, bytes]:
    return _proven(county, request, *parted_words(content))


def _unproven(_county: CountyServer, _request: HttpRequest, content: bytes) -> tuple[str, bytes]:
    return "", content


def _proven(county: CountyServer, request: HttpRequest, id_: str, proof: bytes, content: bytes) -> tuple[str, bytes]:
    key = Ed25519PublicKey.from_public_bytes(county.key_of(id_))
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    key.verify(proof, signed_text(id_, request.method, target, content))
    return id_, content


def _by(request: HttpRequest) -> tuple[str, bytes]:
    """Who says it is, and its signature."""
    told = request.headers.get("x-by", "")
    try:
        return told[:ID_LETTERS], urlsafe_b64decode(told[ID_LETTERS:] + "==")
    except ValueError:
        return told[:ID_LETTERS], b""


def _enrol(brake: Brake, county: CountyServer, _device: str, _request: HttpRequest, content: bytes) -> bytes:
    with brake.applied():
        return wire.encode_plain(county.enrol(wire.decode_plain(Enrolment, content)))


def _introduce(county: CountyServer, _device: str, _request: HttpRequest, content: bytes) -> bytes:
    return wire.encode_plain(county.introduce(wire.decode_plain(Introduction, content)))


def _exchange(
    uploads: Uploads, turn: Turn, county: CountyServer, device: str, request: HttpRequest, content: bytes
) -> Made:
    asked = _own_words(device, content)
    if load := request.path_params.get("sha256"):
        asked = wire.loaded(asked, Passing(county.ledger, device, LOAD).whole(load))
    uploads.begin(device)
    pages = county.exchange(asked)
    first = next(pages)
    made = wire.encode_pages(chain([first], pages))
    return made_ahead(_in_turn(turn, made)) if first.more else b"".join(made)


def _own_words(device: str, content: bytes) -> Request:
    """What a device asks in its own name. Raises CountyRefused, Unreadable."""
    asked = wire.decode_request(content)
    if asked.hello.device not in ("", device):
        raise CountyRefused(NOT_ITS_HAND, code="C17")
    return replace(asked, hello=replace(asked.hello, device=device))


@dataclass(frozen=True, slots=True)
class _Streams:
    """Where long uploads come in: an application of its own, for it listens while it answers."""

    county: CountyServer
    uploads: Uploads
    crowd: Crowd

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.uploads.are_too_many:
            await _busy(self.crowd.slot())(scope, receive, send)
            return
        request, upload = HttpRequest(scope), Upload()
        answered = partial(_answered, self.county, request)
        work = partial(self._take, upload)
        listening = asyncio.create_task(upload.listen(receive))
        if not await upload.begun():
            upload.cut()
        self.uploads.under_way += 1  # before that nobody has said anything, and nothing is held for him
        try:
            threading.Thread(
                target=upload.work, args=(lambda hello: answered(hello, work, _by_header),), name="upload", daemon=True
            ).start()
            response = await upload.response() or _refusal(408, Refusal("C15", FELL_SILENT))
            await response(scope, upload.gone, send)
        finally:
            self.uploads.under_way -= 1
            listening.cancel()

    def _take(self, upload: Upload, county: CountyServer, device: str, request: HttpRequest, content: bytes) -> Made:
        asked = _own_words(device, content)
        self.uploads.begin(device, upload)
        _, proof = _by(request)
        blocks = upload.blocks(county.device(device), proof)
        return upload.begin(county.exchange(replace(asked, blocks=blocks)))


def _in_turn(turn: Turn, made: Iterator[bytes]) -> Iterator[bytes]:
    """Of all long answers one is made at a time, for a moment: threads that compete for a processor slow each other.

    What takes the pieces must not wait for anything.
    """
    while True:
        with turn:
            until = time.monotonic() + TURN_SECONDS
            while time.monotonic() < until:
                piece = next(made, None)
                if piece is None:
                    return
                yield piece


def made_ahead(made: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of an answer while a thread makes the next ones as fast as it can.

    The desk works on the first page while the county reads the second, and what a slow line has not taken yet waits
    in memory: no snapshot stays open for it. What goes wrong while pieces are made breaks the answer off.
    """
    ready: SimpleQueue[bytes | Exception | None] = SimpleQueue()

    def make() -> None:
        try:
            for piece in made:
                ready.put(piece)
            ready.put(None)
        except Exception as error:
            ready.put(error)

    threading.Thread(target=make, name="answer", daemon=True).start()
    while (piece := ready.get()) is not None:
        if isinstance(piece, Exception):
            raise piece
        yield piece


def _sums(county: CountyServer, device: str, _request: HttpRequest, _content: bytes) -> bytes:
    return wire.encode_sums(county.sums(device))


def _parcel(county: CountyServer, carrier: str, request: HttpRequest, content: bytes) -> bytes:
    """Another desk's file, sealed and signed by that desk: who carries it need only be somebody of this county."""
    try:
        passing, work = Passing(county.ledger, carrier), partial(parcels.answer, county)
        return wire.encode_plain(passing.answered(request.path_params["sha256"], content, work))
    except CountyRefused as refusal:  # of the desk that wrote it: the carrier is another, and is welcome
        raise ParcelRefused(
            "没有收。写这个文件的电脑，县里不认识或者已经停用。", advice="请那个村和县里联系。", code=NOT_WELCOME
        ) from refusal


def _parcel_held(county: CountyServer, carrier: str, request: HttpRequest, _content: bytes) -> bytes:
    return str(_passing(county, carrier, request).held(request.path_params["sha256"])).encode()


def _put_parcel(county: CountyServer, carrier: str, request: HttpRequest, content: bytes) -> bytes:
    start = _number(request, "start")
    return str(_passing(county, carrier, request).put(request.path_params["sha256"], start, content)).encode()


def _passing(county: CountyServer, device: str, request: HttpRequest) -> Passing:
    """Another desk's file that the device carries, or its own load."""
    way = request.query_params.get("way", ASKING)
    if way not in (ASKING, LOAD):
        raise wire.Unreadable("way")
    return Passing(county.ledger, device, way)


def _parcel_answer(county: CountyServer, carrier: str, request: HttpRequest, _content: bytes) -> bytes:
    start, length = (_number(request, name) for name in ("start", "length"))
    return Passing(county.ledger, carrier).part(request.path_params["sha256"], start, length)


def _look(county: CountyServer, device: str, _request: HttpRequest, content: bytes) -> bytes:
    return drill.encode_details(county.look(device, drill.decode_parts(content)))


def _named(county: CountyServer, device: str, _request: HttpRequest, content: bytes) -> bytes:
    return b"".join(wire.encode_pages([county.named(device, drill.decode_names(content))]))


def _held(county: CountyServer, device: str, request: HttpRequest, _content: bytes) -> bytes:
    return str(county.has_blob(device, request.path_params["sha256"])).encode()


def _put_blob(county: CountyServer, device: str, request: HttpRequest, content: bytes) -> bytes:
    start, size = (_number(request, name) for name in ("start", "size"))
    return str(county.put_blob(device, request.path_params["sha256"], start, size, content)).encode()


def _get_blob(county: CountyServer, device: str, request: HttpRequest, _content: bytes) -> bytes:
    start, length = (_number(request, name) for name in ("start", "length"))
    return county.get_blob(device, request.path_params["sha256"], start, length)


def _number(request: HttpRequest, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise wire.Unreadable(name)
    return int(text)


def _busy(seconds: int = LEAST_SECONDS) -> Response:
    refusal = Refusal(LATER, "资料都在这台电脑上，没有丢。县里的服务器正忙。", "过一会儿会自动再试。", seconds)
    return _refusal(503, refusal)


def _refusal(status: int, refusal: Refusal) -> Response:
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    return Response(wire.encode_plain(refusal), status_code=status, headers=headers, media_type=MEDIA_TYPE)
