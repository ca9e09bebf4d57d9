"""Texts as codes: what they say, and that known texts stay the same object from block to block."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.readers.csv_text import RowFindings
from prisma_batch.readers.usage import cells, csv_cells
from prisma_batch.readers.usage.cells import Cells, Dictionaries, texts
from prisma_batch.readers.usage.files import held
from prisma_batch.readers.usage.parts import parts
from prisma_batch.readers.usage.registry import OpenedUsage, PartReader, open_usage
from prisma_batch.readers.usage.result import UsageNames


def block(values: Sequence[str | None], dictionaries: Dictionaries, kind: object = None) -> cells.Coded:
    """A block with one column of these texts, as codes."""
    found = Cells({"sku": pa.array(values, kind or pa.string())}, len(values), 0, RowFindings("u.csv", ["sku"]))
    found.dictionaries = dictionaries
    return found.text("sku")


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "c", None]), max_size=5), max_size=5))
def test_each_row_keeps_its_text(blocks: list[list[str | None]]) -> None:
    dictionaries = Dictionaries()
    for values in blocks:
        assert texts(block(values, dictionaries)) == [value or "" for value in values]


def test_known_texts_stay_the_same_object() -> None:
    dictionaries = Dictionaries()
    first = block(["a", "b", "c"], dictionaries).distinct
    assert block(["c", "a", "c"], dictionaries).distinct is first
    more = block(["c", "a", "d", "c"], dictionaries)
    assert more.distinct == ("a", "b", "c", "d")
    assert more.codes.tolist() == [2, 0, 3, 2]
    assert block(["b", "a"], dictionaries).distinct is more.distinct


def test_a_block_of_other_texts_starts_anew() -> None:
    dictionaries = Dictionaries()
    block(["a", "b"], dictionaries)
    assert block(["a", "c", "d"], dictionaries).distinct == ("a", "c", "d")


def test_one_text_in_all_rows_is_alone() -> None:
    dictionaries = Dictionaries()
    block(["a", "b"], dictionaries)
    assert block(["b", "b", "b"], dictionaries).distinct == ("b",)


def test_too_many_texts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_TEXTS_KEPT_MAX", 3)
    dictionaries = Dictionaries()
    block(["a", "b", "c"], dictionaries)
    assert block(["a", "b", "c", "d"], dictionaries).distinct == ("a", "b", "c", "d")
    assert block(["d", "b"], dictionaries).distinct == ("d", "b")


def test_texts_of_another_type_are_read_alike() -> None:
    dictionaries = Dictionaries()
    block(["a", "b"], dictionaries)
    for kind in (pa.large_string(), pa.string_view()):
        assert texts(block(["b", "a"], dictionaries, kind)) == ["b", "a"]


def test_parts_of_csv_share_their_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells.blocks, "__defaults__", (100,))
    rows = "A,p,s,2026-10-01,1,h\nB,p,s,2026-10-01,1,h\n" * 20
    content = f"account,program,sku,usage_date,quantity,unit\n{rows}".encode()
    usage = open_usage(held("u.csv", content), {})
    assert isinstance(usage, OpenedUsage)
    chunks = [chunk for part in parts(usage.opened) for chunk in PartReader(usage, part, 0).chunks(UsageNames())]
    assert len(chunks) > 5
    assert len({id(chunk.account.distinct) for chunk in chunks}) == 1
