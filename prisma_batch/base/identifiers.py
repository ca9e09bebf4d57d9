"""Identifiers: their patterns, and the file names that follow from them."""

import hashlib
import re

ACCOUNT_ID = re.compile(r"[A-Z0-9]([A-Z0-9-]{0,30}[A-Z0-9])?")
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]")
_NOT_IN_ACCOUNT_IDS = re.compile(r"[^A-Z0-9]+")


def file_stem(identifier: str) -> str:
    """Return the file name (without suffix) of a document number: other characters become ``_`` (CONTRACT, records)."""
    is_plain = identifier.isascii() and identifier.replace("-", "").isalnum()  # of most, which is quicker to see
    return identifier if is_plain else _NOT_IN_FILE_NAMES.sub("_", identifier)


def account_slug(text: str) -> str:
    """Make an account id of a foreign identifier; one that is too long keeps its beginning and a hash of the whole."""
    if ACCOUNT_ID.fullmatch(text):
        return text
    slug = _NOT_IN_ACCOUNT_IDS.sub("-", text.upper()).strip("-")
    if ACCOUNT_ID.fullmatch(slug):
        return slug
    digest = hashlib.sha256(text.encode()).hexdigest()[:8].upper()
    return f"{slug[:23].strip('-')}-{digest}".strip("-")
