"""PDFs that were made before, found by a digest of all that they were made of."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from prisma_batch.readers.files import sha256


@dataclass(frozen=True, slots=True)
class KnownPdfs:
    """Where in a folder PDFs lie and which hash they have, by digest."""

    folder: Path = Path()
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def find(self, digest: str) -> bytes | None:
        """Return the PDF that was made of what has this digest; bytes with another hash are as good as not there."""
        if digest not in self.files:
            return None
        path, content_hash = self.files[digest]
        with suppress(OSError):
            content = (self.folder / path).read_bytes()
            return content if sha256(content) == content_hash else None
        return None
