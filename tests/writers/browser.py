"""Pages in a real browser, as a person uses them: what it complains of, what it asks for, what axe-core finds."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

_ROOT = Path(__file__).parents[2]
_RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
_TABS_MAX = 400
_OF_THE_MACHINE = ("file:", "data:", "chrome")  # the last begins the addresses of the browser's own viewer of PDFs
# What has the focus, and whether that can be seen: in the window, with an outline. After the last stop, nothing has.
_FOCUSED = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect();
  if (element === document.body) return ['', true];
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const outlined = getComputedStyle(element).outlineStyle !== 'none';
  return [element.textContent.trim().replace(/\\s+/g, ' ') || element.type || '', inside && outlined];
}"""


def axe_source() -> str:
    """Return axe-core, or skip where npm has not installed it."""
    named = os.environ.get("PRISMA_AXE_CORE")
    places = [*([Path(named)] if named else []), _ROOT / "node_modules/axe-core/axe.min.js"]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("axe-core is not installed (npm install axe-core)")
    return found.read_text(encoding="utf-8")


@contextmanager
def started_browser() -> Iterator["Browser"]:
    """Start the machine's Chromium, or skip where it or Playwright is not installed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """Somebody at a browser; ``complaints`` are the console's, ``asked`` the addresses of what was loaded."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, file: Path) -> None:
        self.page.goto(file.as_uri())

    def tab_to(self, text: str) -> None:
        """Press the tab key until what has this text has the focus; wherever it stops, a person must see it."""
        for _ in range(_TABS_MAX):
            self.page.keyboard.press("Tab")
            focused, is_seen = self.page.evaluate(_FOCUSED)
            assert is_seen, f"the focus on {focused!r} cannot be seen"
            if focused == text:
                return
        pytest.fail(f"no key leads to {text!r} on {self.page.url}")

    def enter(self, text: str) -> None:
        """Go to what has this text and press the enter key."""
        self.tab_to(text)
        self.page.keyboard.press("Enter")

    def follow(self, text: str) -> None:
        """Enter a link and wait for where it leads."""
        self.tab_to(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def sideways(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width

    def violations(self) -> list[str]:
        """Return what axe-core finds in the page against WCAG 2.2 AA."""
        self.page.evaluate(axe_source())
        found: list[str] = self.page.evaluate(
            f"axe.run(document, {{runOnly: {_RULES}}}).then(found => found.violations.flatMap(v =>"
            " v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary || ''}`)))"
        )
        return found


@contextmanager
def visit(browser: "Browser", *, width: int = 1280, dark: bool = False, scripts: bool = True) -> Iterator[Visit]:
    """Open an empty window of a width; in the end nothing was complained of, and nothing came from elsewhere."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(10_000)
    seen = Visit(page=context.new_page())
    _listen(context, seen)
    yield seen
    context.close()
    assert seen.complaints == [], seen.complaints
    elsewhere = [address for address in seen.asked if not address.startswith(_OF_THE_MACHINE)]
    assert elsewhere == [], elsewhere


def _listen(context: "BrowserContext", seen: Visit) -> None:
    context.on("request", lambda request: seen.asked.append(request.url))
    context.on("weberror", lambda error: seen.complaints.append(str(error.error)))
    context.on("console", lambda message: seen.complaints.extend(_complaint(message)))


def _complaint(message: "ConsoleMessage") -> list[str]:
    is_ours = not message.location["url"].startswith("chrome")
    return [message.text] if is_ours and message.type in {"error", "warning"} else []
