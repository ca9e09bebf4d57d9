"""The formats of metered usage, told apart by their columns."""

from collections.abc import Sequence
from typing import Protocol

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import Refusal, delimiter_finding, delimiter_split
from prisma_batch.readers.usage import canonical, focus
from prisma_batch.readers.usage.containers import Container, opened
from prisma_batch.readers.usage.result import UsageInput, UsageNames, refused_usage

_UNKNOWN = Refusal(
    "unknown-format",
    "no usage format has these columns",
    "use account,program,sku,usage_date,quantity,unit or a FOCUS export",
)


class UsageFormat(Protocol):
    """A usage format is a module with these two functions."""

    def sniff(self, columns: Sequence[str], /) -> bool: ...

    def read(self, container: Container, names: UsageNames, /) -> UsageInput: ...


FORMATS: tuple[UsageFormat, ...] = (canonical, focus)


def read_usage(source: str, content: bytes, names: UsageNames) -> UsageInput:
    """Read one file of metered usage: CSV, gzipped CSV or Parquet, in any known format.

    Args:
        source: the path that findings and rows name.
        content: the bytes of the file.
        names: how the file's system calls our accounts and programs; an unknown id is kept as it is.
    Returns:
        Every row of the file, or none and what is wrong with it; numbers are never rounded.
    """
    container = opened(source, content)
    if isinstance(container, Finding):
        return refused_usage([container])
    for usage_format in FORMATS:
        if usage_format.sniff(container.columns):
            return usage_format.read(container, names)
    return refused_usage([_unknown(source, container.columns)])


def _unknown(source: str, columns: Sequence[str]) -> Finding:
    split = delimiter_split(columns)
    if split and any(usage_format.sniff(split[1]) for usage_format in FORMATS):
        return delimiter_finding(source, split[0])
    return _UNKNOWN.finding(source)
