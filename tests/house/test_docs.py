"""The pages for people: links lead somewhere, every page is listed, and the commands are shown as they are."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from prisma_batch.cli.main import main
from prisma_batch.receivables.standing import STATUSES
from prisma_batch.records.discrepancies import SEVERITY_BY_KIND
from prisma_batch.views.notices.registry import NOTICE_KINDS

HELP_FOLDERS = ("discrepancies", "mails", "statuses")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMANDS_HEAD = "# Commands\n\nWhat `--help` says; `pytest --golden-update tests/house` writes this page.\n"


def pages(root: Path) -> list[Path]:
    top = [root / "README.md", root / "CHANGELOG.md", root / ".github" / "CONTRIBUTING.md"]
    return [*top, *sorted((root / "docs").rglob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, named as the forge names them."""
    headings = HEADING.findall(CODE_BLOCK.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """List ``page: link`` of relative links to a file or heading that does not exist."""
    links = LINK.findall(CODE_BLOCK.sub("", page.read_text(encoding="utf-8")))
    return [f"{page.name}: {link}" for link in links if "://" not in link and not leads_somewhere(page, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def command_contexts(command: click.Command, parent: click.Context | None, name: str) -> Iterator[click.Context]:
    """Yield the contexts of a command and all below it, in the order of the help."""
    # Commands keep the help option of whoever asks first: it has to be the one that people get.
    names = main.context_settings["help_option_names"]
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100, help_option_names=names)
    yield context
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            assert child is not None
            yield from command_contexts(child, context, child_name)


CONTEXTS = list(command_contexts(main, None, "prisma-batch"))


def shown(context: click.Context) -> str:
    return f"\n## `{context.command_path}`\n\n```text\n{context.get_help()}\n```\n"


def test_links_lead_somewhere(repository: Path) -> None:
    assert [broken for page in pages(repository) for broken in broken_links(page)] == []


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](other.md)", []),
        ("[a](other.md#one-two)", []),
        ("[a](#here)\n# Here", []),
        ("[a](https://prisma.example/absent)", []),
        ("[a](absent.md)", ["page.md: absent.md"]),
        ("[a](other.md#three)", ["page.md: other.md#three"]),
    ],
)
def test_broken_links_are_found(tmp_path: Path, text: str, broken: list[str]) -> None:
    (tmp_path / "other.md").write_text("# One, two\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert broken_links(page) == broken


def test_indexes_list_every_page(repository: Path) -> None:
    docs = repository / "docs"
    indexes = (docs / "index.md", docs / "help" / "index.md")
    listed = {(index.parent / link).resolve() for index in indexes for link in LINK.findall(index.read_text("utf-8"))}
    assert {page.resolve() for page in docs.rglob("*.md")} - {indexes[0].resolve()} <= listed


def mail_kinds(repository: Path) -> set[str]:
    own_templates = {
        path.name.removesuffix(".subject.j2") for path in (repository / "templates/mail").glob("*.subject.j2")
    }
    return own_templates - {"notice"} | {notice.kind for notice in NOTICE_KINDS}


def test_everything_that_customers_are_told_has_a_page_of_help(repository: Path) -> None:
    pages = {
        folder: {page.stem for page in (repository / "docs/help" / folder).glob("*.md")} for folder in HELP_FOLDERS
    }
    assert pages == {
        "discrepancies": set(SEVERITY_BY_KIND),
        "mails": mail_kinds(repository),
        "statuses": set(STATUSES),
    }


def test_commands_are_shown_as_they_are(repository: Path, golden: Callable[[Path, str], None]) -> None:
    golden(repository / "docs" / "commands.md", COMMANDS_HEAD + "".join(map(shown, CONTEXTS)))


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_help_has_an_example(context: click.Context) -> None:
    examples = [line for line in context.get_help().splitlines() if re.match(r" +(\$ )?prisma-batch ", line)]
    assert examples


def test_readme_has_the_commands_that_ci_runs(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    for comment in ("<!-- command 1: main job -->", "<!-- command 2: tests -->"):
        assert re.search(re.escape(comment) + r"\s*```\w*\n[^`]+```", readme), comment
