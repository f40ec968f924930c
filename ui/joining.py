"""Joining a county, from the window and from the command line. Needs no Qt."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UserError

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.messages import Welcome


def join(
    store: Workspace, url: str, code: str, authority: str = "", stopped: Callable[[], bool] = lambda: False
) -> Welcome:
    """Join with a one-time code; ``authority`` is the file of a county that vouches for its own certificate.

    Raises CountyRefused, CountyUnreachable, UserError, Cancelled; no county is joined then, and the same code may be
    used again.
    """
    from sync.client import engine
    from sync.client.http import HttpCounty
    from sync.client.stopping import Stoppable

    kept = root_certificate(authority)
    county = HttpCounty.to(store, url, kept)
    try:
        return engine.join(Stoppable(county, stopped), store, county.url, code, kept)
    finally:
        county.close()


def root_certificate(name: str) -> str:
    """Where it stays to be found, whatever folder the next exchange is started in. Raises UserError."""
    if not name:
        return ""
    try:
        ssl.create_default_context(cafile=name)
    except OSError as error:
        raise UserError(f"没有加入。「{name}」不在，或者不是证书。", advice="请向县里要根证书文件（PEM）。") from error
    return str(Path(name).resolve())
