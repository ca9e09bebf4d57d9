"""Findings: order, severity, pointers."""

import pytest

from prisma_batch.base.findings import Finding, errors_in, pointer, sorted_findings


def finding(source: str, place: tuple[int, int] | None = None, code: str = "code", message: str = "message") -> Finding:
    made = Finding(code=code, message=message, remedy="", source=source)
    return made.at(*place) if place else made


def test_order_is_file_place_code_message() -> None:
    ordered = [
        finding("a.yaml"),
        finding("a.yaml", (1, 9)),
        finding("a.yaml", (2, 1), code="alpha"),
        finding("a.yaml", (2, 1), code="beta", message="one"),
        finding("a.yaml", (2, 1), code="beta", message="two"),
        finding("a.yaml", (2, 3), code="alpha"),
        finding("a.yaml", (10, 1)),
        finding("b.yaml"),
    ]
    assert sorted_findings(reversed(ordered)) == ordered
    assert sorted_findings([*ordered[3:], *ordered[:3]]) == ordered


def test_a_placed_finding_keeps_the_rest() -> None:
    placed = Finding(code="c", message="m", remedy="r", source="s", pointer="/lines/0").at(3, 5)
    assert (placed.line, placed.column, placed.pointer, placed.remedy) == (3, 5, "/lines/0", "r")


def test_warnings_are_no_errors() -> None:
    warning = Finding(code="c", message="m", remedy="r", source="s", severity="warning")
    error = Finding(code="c", message="m", remedy="r", source="s")
    assert errors_in([warning, error]) == [error]


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ((), ""),
        (("lines", 0, "amount"), "/lines/0/amount"),
        (("a/b",), "/a~1b"),
        (("a~b",), "/a~0b"),
        (("~1",), "/~01"),
        (("",), "/"),
    ],
)
def test_pointer_escapes(parts: tuple[str | int, ...], joined: str) -> None:
    assert pointer(*parts) == joined
