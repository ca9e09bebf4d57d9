"""Pages in a real browser: what axe-core finds in them, and what a script of a test sees."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--virtual-time-budget=20000"),
)

needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")


def axe_source() -> str:
    """Return axe-core, or skip where npm has not installed it."""
    named = os.environ.get("PRISMA_AXE_CORE")
    places = [*([Path(named)] if named else []), _ROOT / "node_modules/axe-core/axe.min.js"]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("axe-core is not installed (npm install axe-core)")
    return found.read_text(encoding="utf-8")


def seen(page: str, script: str, folder: Path, *, width: int = 1280, dark: bool = False) -> Any:
    """Run a script in a page, without the page's policy against just that, and return what its promise gives."""
    wrapped = (
        "window.addEventListener('load', () => (async () => {" + script + "})()"
        ".then(r => JSON.stringify(r), e => JSON.stringify({error: String(e)}))"
        ".then(t => { const p = document.createElement('pre'); p.id = 'seen'; p.textContent = t;"
        " document.body.append(p); }))"
    )
    file = folder / "page.html"
    file.write_text(_POLICY.sub("", page).replace("</body>", f"<script>{wrapped}</script></body>"), encoding="utf-8")
    flags = [*_FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={width},1000"]
    flags += ["--blink-settings=preferredColorScheme=0"] if dark else []
    command = ["chromium", *flags, "--dump-dom", f"file://{file}"]
    shown = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode()
    match = re.search(r'<pre id="seen">(.*?)</pre>', shown, re.DOTALL)
    assert match, shown[-2000:]
    return json.loads(match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def violations(page: str, folder: Path, **options: Any) -> list[str]:
    """Return what axe-core finds in a page against WCAG 2.2 AA."""
    tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
    script = (
        f"const found = await axe.run(document, {{runOnly: {tags}}});"
        "return found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 200)"
        " + ' ' + (n.failureSummary || '')));"
    )
    found: list[str] = seen(page, axe_source() + "\n;" + script, folder, **options)
    return found
