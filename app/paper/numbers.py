"""The short number on a printed sheet, as the forms draw it."""

from __future__ import annotations

from app.records.sheet_numbers import QR_MARK, check, check_character, make, qr_text, read

__all__ = ["QR_MARK", "check", "check_character", "make", "qr_text", "read"]
