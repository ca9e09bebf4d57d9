"""A request for assistance, held against the rules of prisma.yaml as of a day."""

from pathlib import Path

from tests.jobs.recipes import prisma_batch, published

RULES = """\
  assistance:
    rules:
      - {name: A customer for half a year, fact: months_active, at_least: 6, points: 2}
      - {name: Nothing too old, fact: days_overdue, at_most: 30}
      - {name: Proof was seen, fact: evidence, at_least: 1}
    offers:
      - {kind: payment_plan, from_points: 3, max_amount: {EUR: "5000.00"}, terms: At most six installments}
      - {kind: extension, from_points: 9}
"""


def test_a_case_is_assessed_step_by_step(workspace: Path) -> None:
    settings = workspace / "prisma.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    text = published(workspace, "case", "assess", "CASE-2026-0001", "--at", "2026-11-20")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[1:] == [
        "as of 2026-11-20:",
        "met 2 A customer for half a year: months_active is 10, at least 6 is asked for",
        "met 1 Nothing too old: days_overdue is 16, at most 30 is asked for",
        "not met 0 Proof was seen: evidence is 0, at least 1 is asked for",
        "points 3",
        "may be granted by a person:",
        "yes payment_plan (At most six installments)",
        "no extension: 3 points, 9 are needed",
    ]


def test_without_rules_or_case_nothing_is_assessed(workspace: Path) -> None:
    result = prisma_batch(workspace, "case", "assess", "CASE-2026-0001", "--at", "2026-11-20")
    assert (result.exit_code, "policies.assistance" in result.stderr) == (2, True)
    settings = workspace / "prisma.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    result = prisma_batch(workspace, "case", "assess", "CASE-9", "--at", "2026-11-20")
    assert (result.exit_code, "unknown-case" in result.stderr) == (1, True)
