"""Gzip with a bound: a small file cannot unpack into all of the memory."""

import gzip
import io
import zlib

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import Refusal

MAGIC = b"\x1f\x8b"
BYTES_MAX = 2 * 1024**3
RATIO_MAX = 200
ALWAYS_ALLOWED_BYTES = 1024**2  # short files of equal rows compress better than any ratio

_BOMB = Refusal("gzip-bomb", "the file unpacks to far more than usage data would", "unpack, check and split it")
_DAMAGED = Refusal("damaged-gzip", "the compressed file is truncated or damaged", "fetch or export it again")


def unpacked(source: str, content: bytes) -> bytes | Finding:
    """Unpack gzip (several members too), or say why not; never holds more than the limit and one byte."""
    limit = min(BYTES_MAX, max(ALWAYS_ALLOWED_BYTES, RATIO_MAX * len(content)))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            plain = stream.read(limit + 1)
    except (EOFError, OSError, zlib.error):
        return _DAMAGED.finding(source)
    return plain if len(plain) <= limit else _BOMB.finding(source)
