"""The portal in a browser: nothing that axe-core finds, on wide and narrow screens, light and dark; sorting works."""

from pathlib import Path
from typing import Any

import pytest

from tests.jobs.recipes import OCTOBER
from tests.writers.browser import needs_chromium, seen, violations

pytestmark = needs_chromium
PAGES = (
    "site/index.html",
    "site/discrepancies.html",
    "site/accounts/DELTA-003/index.html",
    "statements/DELTA-003.html",
    "invoices/INV-2026-0203.html",
)
LOOKS: list[dict[str, Any]] = [{}, {"dark": True, "width": 500}]


def page(workspace: Path, name: str) -> str:
    return (workspace / OCTOBER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_axe_core_finds_nothing(example: Path, tmp_path: Path, name: str, look: dict[str, Any]) -> None:
    assert violations(page(example, name), tmp_path, **look) == []


def test_accounts_are_sorted_and_filtered(example: Path, tmp_path: Path) -> None:
    script = """
    const table = document.querySelector('#accounts table'), body = table.tBodies[0];
    const first = () => body.rows[0].cells[5].querySelector('data')?.value;
    const head = table.tHead.rows[0].cells[5], button = head.querySelector('button');
    button.focus(); button.click(); const low = head.getAttribute('aria-sort'); button.click();
    const field = document.querySelector('input[type=search]');
    const high = Math.max(...[...body.querySelectorAll('td:nth-child(6) data')].map(d => Number(d.value)));
    const sorted = Number(first()) === high;
    field.value = 'delta-003'; field.dispatchEvent(new Event('input'));
    const shown = [...body.rows].filter(r => !r.hidden).map(r => r.cells[0].textContent);
    return [low, head.getAttribute('aria-sort'), sorted, shown, document.querySelector('[role=status]').textContent];
    """
    low, high, is_sorted, shown, told = seen(page(example, "site/index.html"), script, tmp_path)
    assert (low, high, is_sorted) == ("ascending", "descending", True)
    assert shown == ["DELTA-003"]
    assert told.startswith("1 of ")


def test_pages_ask_for_nothing_and_do_not_scroll_sideways(example: Path, tmp_path: Path) -> None:
    script = """return [performance.getEntriesByType('resource').length,
      document.documentElement.scrollWidth - document.documentElement.clientWidth];"""
    for name in PAGES:
        for width in (1280, 500):
            assert seen(page(example, name), script, tmp_path, width=width) == [0, 0], (name, width)
