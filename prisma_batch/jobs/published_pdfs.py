"""PDFs of a run that lie where the same period was published before: what did not change is not laid out again."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.files import sha256
from prisma_batch.writers.publish import MANIFEST


class PublishedPdfs:
    """The PDFs of a published folder; the cache remembers of what each was made, the folder has the bytes.

    Bytes that are not the ones remembered are as good as not there.
    """

    def __init__(self, cache: Cache, root: Path, folder: Path) -> None:
        self._cache, self._folder = cache, folder
        # By its place in the workspace, which may be moved or copied with its reports.
        place = folder.relative_to(root) if folder.is_relative_to(root) else folder
        self._name = f"pdfs {sha256(os.fsencode(place))}"
        self._remembered: Mapping[str, str] = json.loads(cache.entry(self._name) or b"{}")
        self._paths = _paths_by_hash(folder) if self._remembered else {}
        self._used: dict[str, str] = {}

    def find(self, digest: str) -> bytes | None:
        """Return the PDF that was made of what has this digest."""
        content_hash = self._remembered.get(digest, "")
        path = self._paths.get(content_hash)
        if path is None:
            return None
        with suppress(OSError):
            content = (self._folder / path).read_bytes()
            if sha256(content) == content_hash:
                self._used[digest] = content_hash
                return content
        return None

    def keep(self, digest: str, pdf: bytes) -> None:
        """Remember of what a PDF was made."""
        self._used[digest] = sha256(pdf)

    def remember(self) -> None:
        """Write down what is in the folder now."""
        if self._used != self._remembered:
            self._cache.keep_entries([(self._name, json.dumps(self._used).encode())])


@contextmanager
def published_pdfs(root: Path, folder: Path) -> Iterator[PublishedPdfs]:
    """Open the PDFs of a folder that is about to be published again; what fails is not remembered."""
    with open_cache(root) as cache:
        pdfs = PublishedPdfs(cache, root.absolute(), folder.absolute())
        yield pdfs
        pdfs.remember()


def _paths_by_hash(folder: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        outputs = json.loads((folder / MANIFEST).read_bytes())["outputs"]
        return {item["sha256"]: item["path"] for item in outputs if item["path"].endswith(".pdf")}
    return {}
