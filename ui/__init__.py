"""The window: shows, asks, hands over."""

import sys


def _keep_the_constants() -> None:
    """Give None, True and False more references than a working day can take away.

    PySide 6.12.0 returns them without owning them, None from every call that returns nothing and True from every
    ``Signal.emit``: before Python 3.12, where they became immortal, some 5,000 calls or 600 emitted signals abort
    the interpreter ("deallocating None", "deallocating True or False"). Older PySide is sound, but QtPdf without
    the large Addons package exists for 6.12 only.
    """
    from ctypes import c_ssize_t

    for value in (None, True, False):
        c_ssize_t.from_address(id(value)).value += 1 << 30  # the count stands first in every CPython object


if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
    _keep_the_constants()
