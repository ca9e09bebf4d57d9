"""Gzip with a bound: a small file cannot unpack into all of the memory."""

import gzip
import zlib
from io import BufferedIOBase

from prisma_batch.readers.csv_text import Refusal

MAGIC = b"\x1f\x8b"
BYTES_MAX = 2 * 1024**3
RATIO_MAX = 200
ALWAYS_ALLOWED_BYTES = 1024**2  # short files of equal rows compress better than any ratio

BOMB = Refusal("gzip-bomb", "the file unpacks to far more than usage data would", "unpack, check and split it")
DAMAGED = Refusal("damaged-gzip", "the compressed file is truncated or damaged", "fetch or export it again")


class NotUnpacked(Exception):
    """Why a file is not unpacked any further."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Unpacked:
    """Reads unpacked bytes of gzip (several members too); never gives more than the limit and one block."""

    def __init__(self, stream: BufferedIOBase, size: int) -> None:
        self._stream = gzip.GzipFile(fileobj=stream)
        self._left = min(BYTES_MAX, max(ALWAYS_ALLOWED_BYTES, RATIO_MAX * size))

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer as far as there is something, and return how far; raises NotUnpacked."""
        try:
            count = self._stream.readinto(buffer[: self._left + 1])
        except (EOFError, OSError, zlib.error):
            raise NotUnpacked(DAMAGED) from None
        self._left -= count
        if self._left < 0:
            raise NotUnpacked(BOMB)
        return count
