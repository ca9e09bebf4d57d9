"""Paths and modes of a partner's request, by themselves."""

from datetime import date

import pytest

from prisma_batch.checks.changes.places import OwnPlace, check_modes, check_paths, own_place
from prisma_batch.records.changes import Actor, Change, Request, Role


def request(path: str, mode: str = "100644", role: Role = "partner") -> Request:
    change = Change(path, "000000", mode, "0" * 40, "1" * 40)
    return Request(changes=(change,), actor=Actor(role=role, partners=frozenset({"north"})), as_of=date(2026, 11, 30))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("contacts/ACME-1.yaml", OwnPlace("ACME-1")),
        ("usage/2026-10/ACME-1.microsoft-spla.yaml", OwnPlace("ACME-1", "2026-10", "microsoft-spla")),
        ("usage/2026-10/ACME-1.microsoft-spla.r12.yaml", OwnPlace("ACME-1", "2026-10", "microsoft-spla")),
        ("contacts/acme-1.yaml", None),
        ("contacts/ACME-1.yml", None),
        ("contacts/ACME-1.yaml\n", None),
        ("contacts/x/ACME-1.yaml", None),
        ("Contacts/ACME-1.yaml", None),
        ("../contacts/ACME-1.yaml", None),
        ("contacts/../contacts/ACME-1.yaml", None),
        ("usage/2026-13/ACME-1.azure.yaml", None),
        ("usage/2026-10/ACME-1.yaml", None),
        ("usage/2026-10/ACME-1.azure.csv", None),
        ("prisma.yaml", None),
    ],
)
def test_own_place(path: str, place: OwnPlace | None) -> None:
    assert own_place(path) == place


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("README.md", "foreign-path"),
        ("invoices/ACME-1/INV-1.yaml", "foreign-path"),
        ("reports/sent/2026-10.jsonl", "foreign-path"),
        (".prisma-cache/validate.sqlite", "foreign-path"),
        ("contacts", "foreign-path"),
        (".gitattributes", "git-settings-change"),
        ("contacts/.GITMODULES", "git-settings-change"),
        (".gitignore", "git-settings-change"),
        (".github/workflows/x.yml", "workflow-change"),
        (".GitHub/CODEOWNERS", "workflow-change"),
        (".github", "workflow-change"),
        (".githubs", "git-settings-change"),
        ("../.github/workflows/x.yml", "workflow-change"),
        ("schemas/contacts.schema.json", "schema-change"),
        ("templates/mail.j2", "template-change"),
        ("prisma.yaml", "settings-change"),
        ("PRISMA.yml", "settings-change"),
        ("../prisma_batch/cli/main.py", "code-change"),
        ("contacts/ACME-1.py", "code-change"),
        ("x.pth", "code-change"),
        ("pyproject.toml", "code-change"),
        ("action.yml", "code-change"),
    ],
)
def test_area(path: str, code: str) -> None:
    (finding,) = check_paths(request(path))
    assert (finding.code, finding.source) == (code, path)


@pytest.mark.parametrize("role", ["staff", "unknown", "unjudged"])
def test_only_partners_are_kept_to_their_places(role: Role) -> None:
    assert list(check_paths(request("README.md", role=role))) == []


@pytest.mark.parametrize(
    ("path", "mode", "codes"),
    [
        ("contacts/ACME-1.yaml", "100644", []),
        ("contacts/ACME-1.yaml", "000000", []),
        ("contacts/ACME-1.yaml", "100755", ["executable-file"]),
        ("contacts/ACME-1.yaml", "100664", ["file-mode"]),
        ("invoices", "120000", ["symlink"]),
        ("usage/2026-10/more", "160000", ["submodule"]),
        ("prisma.yaml", "120000", ["symlink"]),
        ("run.sh", "100755", []),
        ("docs/latest", "120000", []),
    ],
)
def test_modes_of_records(path: str, mode: str, codes: list[str]) -> None:
    assert [finding.code for finding in check_modes(request(path, mode, role="staff"))] == codes
