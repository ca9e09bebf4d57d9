"""PDFs of a run that lie where the same period was published before: what did not change is not laid out again."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from prisma_batch.jobs.document_files import DocumentFiles
from prisma_batch.jobs.known_pdfs import KnownPdfs
from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.files import sha256
from prisma_batch.writers.publish import MANIFEST


class PublishedPdfs:
    """The PDFs of a published folder; the cache remembers of what each was made, the folder has the bytes."""

    def __init__(self, cache: Cache, root: Path, folder: Path) -> None:
        self._cache = cache
        # By its place in the workspace, which may be moved or copied with its reports.
        place = folder.relative_to(root) if folder.is_relative_to(root) else folder
        self._name = f"pdfs {sha256(os.fsencode(place))}"
        self._remembered: Mapping[str, str] = json.loads(cache.entry(self._name) or b"{}")
        paths = _paths_by_hash(folder) if self._remembered else {}
        lying = ((digest, paths.get(content_hash), content_hash) for digest, content_hash in self._remembered.items())
        self.known = KnownPdfs(folder, {digest: (path, content_hash) for digest, path, content_hash in lying if path})
        self._published: dict[str, str] = {}

    def keep(self, document: DocumentFiles) -> None:
        """Remember of what the PDF of a document was made that is published now."""
        if document.pdf:
            digest, content_hash = document.pdf
            self._published[digest] = content_hash

    def remember(self) -> None:
        """Write down what is in the folder now."""
        if self._published != self._remembered:
            self._cache.keep_entries([(self._name, json.dumps(self._published).encode())])


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
