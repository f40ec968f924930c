"""The county across a line: a stall timeout, patience with jitter, and sentences for what goes wrong."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError
from urllib3.util import SKIP_HEADER

from app.errors import CountyRefused, CountyUnreachable
from app.store.changes import Store
from sync import drill, stream, wire
from sync.client.arriving import arriving
from sync.client.bearing import PLENTY, bears
from sync.client.credentials import Ties, not_joined, signature, signed, ties, written
from sync.client.parts import SMALLEST, Parts, sent
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Introduction, Page, Receipt, Refusal, Request, Sums, Welcome
from sync.protocol import ASKING, EXCHANGE, FIRST_EXCHANGE, LATER, LOAD, LineBroke, signed_text, signed_words

CONNECT_SECONDS = 15
STALL_SECONDS = 60
"""So long without one byte is a broken line; a slow one may take as long as it needs."""
TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds: whoever is asked to wait longer comes again later, and holds nothing open until then."""
LONGEST_TOLD = 86_400.0
"""A county that asks for more than a day is asked again after one."""
CHUNK = 16 << 10
LARGEST_REPEATED = 16 << 10
"""What is larger and broke is not sent again as it was: smaller pieces come through (``blocks``)."""
LARGEST_REFUSAL = 64 << 10
LATER_STATUS = (429, 503)
_T = TypeVar("_T")
SAFE = "资料都在这台电脑上，没有丢。"


class _Modern(requests.adapters.HTTPAdapter):
    """TLS 1.2 or newer, whatever the computer would allow."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_minimum_version=ssl.TLSVersion.TLSv1_2, **more)


class HttpCounty:
    """A ``County`` at a URL. ``known`` gives the key that signs, which may change on the way; empty ties can only
    enrol. ``bears`` gives how many bytes go over the line in one piece."""

    def __init__(
        self,
        url: str,
        known: Ties | Callable[[], Ties],
        *,
        authority: str = "",
        bears: Callable[[], int] = lambda: PLENTY,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _checked(url)
        self.requests = 0
        self.bytes_up = 0
        self.bytes_down = 0
        self._is_older = False
        self.tell: Callable[[str], None] = lambda words: None
        self._bears = bears
        self._known: Callable[[], Ties] = known if callable(known) else lambda: known
        self._sleep = sleep
        self._session = requests.Session()
        # No proxies and no authorities from the environment: this speaks to one county only.
        self._session.trust_env = False
        # A file of several authorities is as good as each: a new one can be handed out before the old one ends.
        self._session.verify = authority or True
        self._session.mount("https://", _Modern())
        # Nothing that the county does not ask for: an exchange without news is mostly these lines.
        self._session.headers.clear()
        self._session.headers.update(dict.fromkeys(("user-agent", "accept-encoding"), SKIP_HEADER))

    @classmethod
    def to(cls, store: Store, url: str, authority: str = "") -> HttpCounty:
        """A county that the workspace wants to join. Raises CountyRefused when the address is none."""
        return cls(url, lambda: ties(store), authority=authority)

    @classmethod
    def of(cls, store: Store) -> HttpCounty:
        """The county that the workspace joined. Raises CountyRefused when it joined none."""
        found = ties(store)
        if not found.url:
            raise not_joined()
        return cls(found.url, lambda: ties(store), authority=found.authority, bears=lambda: bears(store))

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def enrol(self, enrolment: Enrolment) -> Welcome:
        """Join with a one-time code."""
        asked = wire.encode_plain(enrolment)
        return _understood(lambda: wire.decode_plain(Welcome, self._whole("POST", "/v1/enrol", asked)))

    def introduce(self, introduction: Introduction) -> Welcome:
        """Go on under a new name."""
        asked = wire.encode_plain(introduction)
        return _understood(lambda: wire.decode_plain(Welcome, self._whole("POST", "/v1/introduce", asked)))

    def exchange(self, request: Request) -> Iterator[Page]:
        """Hand over units and receive pages as they come; those that came while others were written, as one."""
        yield from arriving(self._pages(request))

    def _pages(self, request: Request) -> Iterator[Page]:
        if request.blocks:
            answer = self._stream(request)
        else:
            answer = self._answer(request)
        is_whole = False
        try:
            for page in wire.decode_pages(self._chunks(answer)):
                # While blocks are still taken a page tells of them alone.
                is_whole = not request.blocks or not page.more or bool(page.cursors)
                yield page
        except wire.Unreadable as error:
            raise CountyUnreachable(SAFE + "县里的回答读不懂。", advice="请升级程序，或过一会儿再试。") from error
        finally:
            answer.close()
        if not is_whole:
            raise LineBroke(SAFE + "县里没有答完线路就断了。", advice="会自动再试。")

    def sums(self, device: str) -> Sums:
        """The sums of all that the device may see."""
        return _understood(lambda: wire.decode_sums(self._whole("POST", "/v1/sums", b"")))

    def parcel_held(self, sha256: str, way: str = ASKING) -> int:
        """How many bytes the county holds of another desk's file that this one carries, or of its own (``LOAD``)."""
        return _understood(lambda: _number(self._whole("GET", f"/v1/parcel/{sha256}/held?way={way}", b"")))

    def put_parcel(self, sha256: str, start: int, part: bytes, way: str = ASKING) -> int:
        """Hand over a part of it; gives how many bytes the county holds now."""
        path = f"/v1/parcel/{sha256}?start={start}&way={way}"
        return _understood(lambda: _number(self._whole("PUT", path, part)))

    def parcel_answered(self, sha256: str, rest: bytes) -> Receipt:
        """Hand over the rest of a carried file; gives what the county answers. Raises CountyRefused."""
        return _understood(lambda: wire.decode_plain(Receipt, self._whole("POST", f"/v1/parcel/{sha256}", rest)))

    def parcel_answer(self, sha256: str, start: int, length: int) -> bytes:
        """A part of the answer to a carried file; empty at its end."""
        return self._whole("GET", f"/v1/parcel/{sha256}?start={start}&length={length}", b"")

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        """What the device may see of some parts."""
        asked = drill.encode_parts(parts)
        return _understood(lambda: drill.decode_details(self._whole("POST", "/v1/look", asked)))

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records."""
        asked = drill.encode_names(names)
        return _understood(lambda: wire.decode_page(self._whole("POST", "/v1/named", asked)))

    def has_blob(self, device: str, sha256: str) -> int:
        """How many bytes of an attachment the county holds."""
        return _understood(lambda: _number(self._whole("GET", f"/v1/blob/{sha256}/held", b"")))

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        """Hand over a part of an attachment."""
        path = f"/v1/blob/{sha256}?start={start}&size={size}"
        return _understood(lambda: _number(self._whole("PUT", path, part)))

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        """A part of an attachment."""
        return self._whole("GET", f"/v1/blob/{sha256}?start={start}&length={length}", b"")

    def _whole(self, method: str, path: str, content: bytes) -> bytes:
        answer = self._send(method, path, content)
        found = bytearray()
        try:
            for chunk in self._chunks(answer):
                found += chunk
                if len(found) > wire.LARGEST:
                    raise CountyUnreachable(SAFE + "县里的回答没完没了。", advice="请核对服务器地址。")
        finally:
            answer.close()
        return bytes(found)

    def _chunks(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            for chunk in answer.iter_content(CHUNK):
                self.bytes_down += len(chunk)
                yield chunk
        except requests.RequestException as error:
            raise LineBroke(SAFE + "线路断了。", advice="收到的都存好了，会自动接着来。") from error

    def _send(self, method: str, path: str, content: bytes) -> requests.Response:
        """An answer that began well. Every request may be repeated: the county knows what it has taken."""
        for attempt in range(TRIES):
            is_last = attempt == TRIES - 1 or len(content) > LARGEST_REPEATED
            try:
                answer = self._once(method, path, content)
            except requests.RequestException as error:
                if _is_untrusted(error):
                    raise _untrusted(error) from error
                if is_last:
                    raise _not_reached(error) from error
                self._wait(attempt, 0)
                continue
            if answer.status_code == 200 or (answer.status_code == 404 and path.startswith(EXCHANGE)):
                return answer
            told = _told(answer)
            if answer.status_code not in LATER_STATUS or is_last or told > LONGEST_WAIT:
                raise _refused(answer)
            answer.close()
            self._wait(attempt, told)
        raise CountyUnreachable(SAFE + "现在连不上县里。", advice="有网络时会自动再试。")

    def _answer(self, request: Request) -> requests.Response:
        """The answer to what is signed in as few bytes as can be; a county that says it knows no such way is asked in
        the first one from then on."""
        known = self._known()
        if known.private_key and not self._is_older:
            own = replace(request.hello, device="") if request.hello.device == known.device else request.hello
            path, content = self._in_pieces(replace(request, hello=own))
            proof = signed(known, signed_text(known.device, "POST", path, content))
            answer = self._send("POST", path, signed_words(known.device, proof, content))
            if answer.status_code == 200:
                return answer
            answer.close()
            self._is_older = True
        return self._send("POST", FIRST_EXCHANGE, wire.encode_request(request))

    def _in_pieces(self, request: Request) -> tuple[str, bytes]:
        """The path to post to, and the words. What is more than the line bears is put at the county by parts first, and
        named by its SHA-256. Raises LineBroke, CountyUnreachable, CountyRefused."""
        content, most = wire.encode_request(request), self._bears()
        if len(content) <= max(SMALLEST, most):
            return EXCHANGE, content
        load = wire.encode_load(request)
        digest = sha256(load).hexdigest()
        held = self.parcel_held(digest, LOAD)
        *_, held = sent(Parts(largest=most), load, held, partial(self.put_parcel, digest, way=LOAD))
        if held < len(load):
            raise CountyUnreachable(SAFE + "县里没有收下送去的一部分。", advice="会自动再试。")
        return f"{EXCHANGE}/{digest}", wire.encode_request(replace(request, units=(), sealed=()))

    def _stream(self, request: Request) -> requests.Response:
        """An answer to a long upload, which is made while it is sent and so is sent once."""
        known = self._known()
        hello = wire.encode_request(replace(request, blocks=()))
        proof = signed(known, signed_text(known.device, "POST", stream.PATH, hello))
        pieces = stream.signed(known.device, proof, partial(signed, known), request.blocks)
        body = self._sent(chain([stream.piece(hello)], pieces))
        try:
            answer = self._asked("POST", stream.PATH, body, {"x-by": known.device + written(proof)})
        except requests.RequestException as error:
            raise (_untrusted if _is_untrusted(error) else _not_reached)(error) from error
        if answer.status_code != 200:
            raise _refused(answer)
        return answer

    def _sent(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """So small that each part moves on within the time that a stall may last."""
        for piece in pieces:
            for at in range(0, len(piece), CHUNK):
                part = piece[at : at + CHUNK]
                self.bytes_up += len(part)
                yield part

    def _once(self, method: str, path: str, content: bytes) -> requests.Response:
        known = self._known()
        proof = signature(known, method, path, content) if known.private_key and not path.startswith(EXCHANGE) else ""
        self.bytes_up += len(content)
        # Bytes are handed to the system at once, and must all be taken before the call would have to be answered; a
        # file is read piece by piece, and each piece has that time.
        body = BytesIO(content) if len(content) > CHUNK else content
        return self._asked(method, path, body, {"x-by": known.device + proof} if proof else {})

    def _asked(
        self, method: str, path: str, content: bytes | BytesIO | Iterator[bytes], headers: dict[str, str]
    ) -> requests.Response:
        self.requests += 1
        try:
            return self._session.request(
                method, self.url + path, data=content, headers=headers, stream=True, allow_redirects=False,
                timeout=(CONNECT_SECONDS, STALL_SECONDS),
            )  # fmt: skip
        except requests.RequestException:
            raise
        except OSError as error:  # the file of the county's authority is looked for with each connection
            raise CountyUnreachable(
                SAFE + "县里的根证书文件不在原来的地方。", advice=f"请把它放回去：{self._session.verify}"
            ) from error

    def _wait(self, attempt: int, told: float) -> None:
        """Never less than the county asks for, and up to as much again, or anything up to a bound that doubles: a
        Monday's herd spreads out, and what was told the same does not come back in the same second."""
        seconds = told + random.uniform(0, told or 2.0**attempt)
        self.tell(f"县里正忙，{seconds:.0f} 秒后再试……" if told else "线路不稳，正在再试……")
        self._sleep(seconds)


def _checked(url: str) -> str:
    """Plain HTTP only ever within this computer."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise CountyRefused(
            f"资料没有动。「{url[:80]}」不是服务器地址。", advice="例如 https://county.example。", code="C18"
        )
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        raise CountyRefused(
            "资料没有动。这个地址没有加密（http），不能用。", advice="请用 https 开头的地址。", code="C18"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _told(answer: requests.Response) -> float:
    """The seconds after which the county asks to be called again; 0 when it does not say."""
    text = answer.headers.get("retry-after", "").strip()
    return min(LONGEST_TOLD, float(text)) if text.isascii() and text.isdecimal() else 0.0


def _understood(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except wire.Unreadable as error:
        raise CountyUnreachable(SAFE + "县里的回答读不懂。", advice="请核对服务器地址，或升级程序。") from error


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > 12:
        raise wire.Unreadable("no number")
    return int(text)


def _refused(answer: requests.Response) -> CountyRefused | CountyUnreachable:
    found, told = bytearray(), _told(answer) if answer.status_code in LATER_STATUS else 0.0
    try:
        for chunk in answer.iter_content(CHUNK):
            found += chunk
            if len(found) > LARGEST_REFUSAL:
                break
        refusal = wire.decode_plain(Refusal, bytes(found))
    except (wire.Unreadable, requests.RequestException):
        if answer.status_code in LATER_STATUS:  # whoever stands before the county says so in words of its own
            busy = SAFE + "县里的服务器正忙。"
            return CountyUnreachable(busy, advice="过一会儿会自动再试。", code=LATER, retry_after=told)
        return CountyUnreachable(f"{SAFE}这个地址上没有县级服务器（{answer.status_code}）。", advice="请核对地址。")
    finally:
        answer.close()
    if answer.status_code == 408:
        return LineBroke(refusal.message, advice="送到了的不会重来，没送的有网络时会自动再送。")
    if answer.status_code in LATER_STATUS:
        return CountyUnreachable(refusal.message, advice=refusal.advice, code=refusal.code, retry_after=told)
    return CountyRefused(refusal.message, advice=refusal.advice, code=refusal.code)


def _not_reached(error: requests.RequestException) -> CountyUnreachable:
    """That nobody answered the call, or that the line broke in the middle of it."""
    if isinstance(next(iter(error.args), None), MaxRetryError):
        return CountyUnreachable(SAFE + "现在连不上县里。", advice="有网络时会自动再试。")
    return LineBroke(SAFE + "送到一半线路断了。", advice="送到了的不会重来，没送的有网络时会自动再送。")


def _is_untrusted(error: requests.RequestException) -> bool:
    """A line that is cut inside the encryption is a line that is cut, and says nothing of who is at its end."""
    return isinstance(error, requests.exceptions.SSLError) and "EOF" not in str(error)


def _untrusted(error: Exception) -> CountyUnreachable:
    """A certificate that is not accepted; often enough the computer's clock is years off (reliability.md, T20)."""
    if "expired" in str(error) or "not yet valid" in str(error):
        return CountyUnreachable(
            SAFE + "县里服务器的证书日期对不上，多半是这台电脑的日期不对。", advice="请先核对电脑的日期。"
        )
    return CountyUnreachable(
        SAFE + "这不是县里的服务器，没有和它连接。",
        advice="请核对网络和地址；县里用自己发的证书时，要先选好县里的根证书。",
    )
