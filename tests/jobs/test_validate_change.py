"""The job ``validate --base``: attacks are refused by their code, honest requests pass, old mistakes lock nobody."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import errors_in
from prisma_batch.checks.changes.registry import CHANGES
from prisma_batch.jobs.validate_change import ChangeValidation, validate_change
from tests.repositories import (
    ACME,
    MIRA,
    NORTHWIND,
    REPORT,
    SOUTH,
    SOUTHWIND,
    Edits,
    GitRepository,
    customer,
    entry,
    example_files,
    replaced,
)

AS_OF = date(2026, 11, 30)
NEW = "contacts/ACME-002.yaml"
NO_STAFF = "prisma.yaml on the base lists no staff, so whoever is no member of a partner counts as staff"
LISTED_STAFF = "staff: [{login: mira, id: 7}]\nfirst_period:"
CODES = {code for entry in CHANGES for code in entry.codes}


def validated(repository: GitRepository, actor: str | None = NORTHWIND, base: str = "main") -> ChangeValidation:
    return validate_change(repository.folder, base, actor, AS_OF)


def errors(validation: ChangeValidation) -> set[tuple[str, str]]:
    return {(finding.source, finding.code) for finding in errors_in(validation.findings)}


def new_customers(count: int) -> Edits:
    accounts = (f"ACME-{number}" for number in range(100, 100 + count))
    return {f"contacts/{account}.yaml": customer(account, "northwind", "Jane") for account in accounts}


JANE_REST = '      last_name: Doe\n      email: jane.doe@acme.example\n      phone: "+31201234567"\n'
without_ben = replaced(entry("Ben"), "")
SCHEMA = '{"$schema": "https://json-schema.org/draft/2020-12/schema"}'
ATTACKS: Mapping[str, tuple[Edits, set[tuple[str, str]]]] = {
    "rename another partner's record to an own account": (
        {SOUTH: None, NEW: example_files()[SOUTH].replace("SOUTH-001", "ACME-002").replace("southwind", "northwind")},
        {(SOUTH, "foreign-account"), (NEW, "rename-across-owners")},
    ),
    "rename an own record to another partner's account": (
        {
            ACME: None,
            "contacts/SOUTH-009.yaml": example_files()[ACME]
            .replace("ACME-001", "SOUTH-009")
            .replace("northwind", "southwind"),
        },
        {
            (ACME, "record-deleted"),
            ("contacts/SOUTH-009.yaml", "foreign-partner"),
            ("contacts/SOUTH-009.yaml", "rename-across-owners"),
        },
    ),
    "path that differs by case": (
        {"contacts/acme-001.yaml": example_files()[ACME]},
        {("contacts/acme-001.yaml", "foreign-path"), ("contacts/acme-001.yaml", "path-collision")},
    ),
    "folder that differs by case": (
        {"Contacts/ACME-001.yaml": example_files()[ACME]},
        {("Contacts/ACME-001.yaml", "foreign-path"), ("Contacts", "unexpected-file")},
    ),
    "symbolic link": ({NEW: ("120000", "/etc/passwd")}, {(NEW, "symlink")}),
    "symbolic link out of the folder of another partner": (
        {"usage/2026-11": ("120000", "../contacts")},
        {("usage/2026-11", "foreign-path"), ("usage/2026-11", "symlink"), ("usage/2026-11", "unexpected-file")},
    ),
    "submodule": (
        {"contacts/sub": ("160000", "1" * 40), ".gitmodules": '[submodule "s"]\n\tpath = contacts/sub\n\turl = ./s\n'},
        {
            ("contacts/sub", "foreign-path"),
            ("contacts/sub", "submodule"),
            ("contacts/sub", "unexpected-file"),
            (".gitmodules", "git-settings-change"),
        },
    ),
    "executable record": ({ACME: ("100755", example_files()[ACME])}, {(ACME, "executable-file")}),
    "attributes": (
        {"contacts/.gitattributes": "*.yaml diff=x\n"},
        {("contacts/.gitattributes", "git-settings-change")},
    ),
    "conftest.py": ({"conftest.py": "raise SystemExit(0)\n"}, {("conftest.py", "code-change")}),
    "yaml.py": ({"yaml.py": "raise SystemExit(0)\n"}, {("yaml.py", "code-change")}),
    "the tool itself": (
        {"prisma_batch/checks/registry.py": "PER_FILE = CROSS_FILE = ()\n"},
        {("prisma_batch/checks/registry.py", "code-change")},
    ),
    "ownership map": (
        {"prisma.yaml": replaced("id: 2002", "id: 1001"), SOUTH: replaced("Stella", "Eve")},
        {("prisma.yaml", "settings-change"), (SOUTH, "foreign-account")},
    ),
    "settings removed": ({"prisma.yaml": None}, {("prisma.yaml", "settings-change")}),
    "schema": (
        {"schemas/contacts.schema.json": SCHEMA, ACME: replaced("partner: northwind", "partner: 7")},
        {
            ("schemas/contacts.schema.json", "schema-change"),
            (ACME, "schema-type"),
            (ACME, "owner-change"),
        },
    ),
    "workflow": ({".github/workflows/x.yml": "on: push\n"}, {(".github/workflows/x.yml", "workflow-change")}),
    "owners of code": ({".github/CODEOWNERS": "* @nora\n"}, {(".github/CODEOWNERS", "workflow-change")}),
    "own record removed": ({ACME: None}, {(ACME, "record-deleted")}),
    "partner changed": (
        {ACME: replaced("partner: northwind", "partner: southwind")},
        {(ACME, "owner-change")},
    ),
    "another partner's record taken over": (
        {SOUTH: replaced("partner: southwind", "partner: northwind")},
        {(SOUTH, "foreign-account")},
    ),
    "600 files": (new_customers(600), {("contacts/ACME-100.yaml", "too-many-files")}),
    "conflict markers": (
        {ACME: replaced("name: Acme", "<<<<<<< HEAD\nname: Acme")},
        {(ACME, "conflict-marker")},
    ),
    "invoice edited": (
        {"invoices/ACME-001/INV-1.yaml": replaced("per core pair", "per core")},
        {
            ("invoices/ACME-001/INV-1.yaml", "foreign-path"),
            ("invoices/ACME-001/INV-1.yaml", "issued-document-changed"),
        },
    ),
    "invoice renamed": (
        {
            "invoices/ACME-001/CN-1.yaml": None,
            "invoices/ACME-001/CN-9.yaml": example_files()["invoices/ACME-001/CN-1.yaml"].replace("CN-1", "CN-9"),
            "cases/ACME-001/CASE-1.yaml": replaced("document: CN-1", "document: CN-9"),
        },
        {
            ("invoices/ACME-001/CN-1.yaml", "foreign-path"),
            ("invoices/ACME-001/CN-1.yaml", "issued-document-changed"),
            ("invoices/ACME-001/CN-9.yaml", "foreign-path"),
            ("cases/ACME-001/CASE-1.yaml", "foreign-path"),
        },
    ),
    "log rewritten": (
        {"cases/ACME-001/CASE-1.yaml": None},
        {("cases/ACME-001/CASE-1.yaml", "foreign-path"), ("cases/ACME-001/CASE-1.yaml", "case-log-rewritten")},
    ),
    "usage of another partner": (
        {"usage/2026-10/SOUTH-001.microsoft-spla.yaml": example_files()[REPORT].replace("ACME-001", "SOUTH-001")},
        {("usage/2026-10/SOUTH-001.microsoft-spla.yaml", "foreign-account")},
    ),
    "metered usage": (
        {"usage/2026-10/azure.csv": "account,program,sku,usage_date,quantity,unit\n"},
        {("usage/2026-10/azure.csv", "foreign-path")},
    ),
    "name that is no text": (
        {"contacts/ACME\udcff.yaml": "x"},
        {
            ("contacts/ACME\udcff.yaml", "foreign-path"),
            ("contacts/ACME\udcff.yaml", "unsafe-file-name"),
            ("contacts/ACME\udcff.yaml", "schema-type"),
        },
    ),
    "record over a mebibyte": (
        {ACME: lambda text: text + "#" * 1_048_577},
        {(ACME, "file-too-large")},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(attack: str, tmp_path: Path) -> None:
    edits, expected = ATTACKS[attack]
    repository = GitRepository(tmp_path)
    repository.commit(edits)
    found = errors(validated(repository))
    assert expected <= found
    assert {code for _, code in found - expected} & CODES == set()


HONEST: Mapping[str, tuple[str, Edits]] = {
    "edits own contacts": (NORTHWIND, {ACME: replaced("jane.doe@", "j.doe@")}),
    "replaces a contact": (NORTHWIND, {ACME: replaced(entry("Ben"), entry("Bo"))}),
    "adds a customer": (NORTHWIND, {NEW: customer("ACME-002", "northwind", "Jane")}),
    "adds 500 customers": (NORTHWIND, new_customers(500)),
    "reports usage": (
        NORTHWIND,
        {"usage/2026-11/ACME-001.microsoft-spla.yaml": example_files()[REPORT].replace("2026-10", "2026-11")},
    ),
    "adds a customer with its usage": (
        SOUTHWIND,
        {
            "contacts/SOUTH-002.yaml": customer("SOUTH-002", "southwind", "Jane"),
            "usage/2026-11/SOUTH-002.azure.yaml": example_files()[REPORT]
            .replace("2026-10", "2026-11")
            .replace("ACME-001", "SOUTH-002")
            .replace("microsoft-spla", "azure"),
        },
    ),
    "changes nothing": (NORTHWIND, {}),
    "is known by name": ("NORA", {ACME: replaced("Jane", "Janet")}),
    "is staff": (MIRA, {"README.md": "new", ".github/workflows/x.yml": "on: push\n", "run.sh": ("100755", "")}),
    "moves an account as staff": (MIRA, {ACME: replaced("partner: northwind", "partner: southwind")}),
}


@pytest.mark.parametrize("honest", HONEST)
def test_honest_request_passes(honest: str, tmp_path: Path) -> None:
    actor, edits = HONEST[honest]
    agreement = example_files()["agreements/ACME-001.yaml"].replace("ACME-001", "SOUTH-002")
    repository = GitRepository(tmp_path, {"agreements/SOUTH-002.yaml": agreement} if "usage" in honest else {})
    repository.commit(edits)
    assert errors(validated(repository, actor)) == set()


def merged_by_hand(repository: GitRepository, first: Edits, second: Edits, result: Edits) -> None:
    """Two requests from one base; ``main`` has merged the first, and HEAD is the merge of the second."""
    files = dict(repository.files)
    one = repository.commit(first)
    repository.files = dict(files)
    two = repository.commit(second, ("main",), "second")
    for branch, actor in (("request", NORTHWIND), ("second", NORTHWIND)):
        repository.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        assert errors(validated(repository, actor)) == set()
    repository.git("branch", "--force", "main", one)
    repository.files = dict(files)
    repository.commit(result, (one, two), "merge")
    repository.git("symbolic-ref", "HEAD", "refs/heads/merge")


def test_two_green_requests_that_remove_the_last_contact(tmp_path: Path) -> None:
    without_jane = replaced(f"    - first_name: Jane\n{JANE_REST}", "")
    repository = GitRepository(tmp_path)
    result = {ACME: lambda text: replaced("  billing:\n", "  billing: []\n")(without_ben(without_jane(text)))}
    merged_by_hand(repository, {ACME: without_jane}, {ACME: without_ben}, result)
    (finding,) = errors_in(validated(repository).findings)
    assert (finding.code, finding.source, finding.line) == ("last-contact", ACME, 6)
    assert finding.message == (
        "ACME-001, billing: unable to remove this contact until another contact is added to this type"
        " (removed: contacts/ACME-001.yaml:7 on the base)"
    )


def test_two_green_requests_that_end_every_contact(tmp_path: Path) -> None:
    end_jane = replaced('phone: "+31201234567"\n', 'phone: "+31201234567"\n      valid_to: 2026-12-31\n')
    end_ben = replaced("ben@vale.example\n", "ben@vale.example\n      valid_to: 2027-01-31\n")
    repository = GitRepository(tmp_path)
    merged_by_hand(repository, {ACME: end_jane}, {ACME: end_ben}, {ACME: lambda text: end_ben(end_jane(text))})
    (finding,) = errors_in(validated(repository).findings)
    assert (finding.code, finding.message) == ("contact-gap", "nobody is the billing contact on 2027-02-01")


def test_two_green_requests_with_one_number(tmp_path: Path) -> None:
    invoice = example_files()["invoices/ACME-001/INV-1.yaml"].replace("INV-1", "INV-2")
    paths = ("invoices/ACME-001/INV-2.yaml", "invoices/SOUTH-001/INV-2.yaml")
    agreement = example_files()["agreements/ACME-001.yaml"].replace("ACME-001", "SOUTH-001")
    repository = GitRepository(tmp_path, {"agreements/SOUTH-001.yaml": agreement})
    one, two = ({path: invoice.replace("ACME-001", path.split("/")[1])} for path in paths)
    files = dict(repository.files)
    first = repository.commit(one)
    repository.files = files
    second = repository.commit(two, ("main",), "second")
    repository.git("branch", "--force", "main", first)
    repository.commit({**one, **two}, (first, second), "request")
    assert errors(validated(repository, MIRA)) == {(paths[1], "duplicate-number")}


OLD_MISTAKES = {
    "by itself": ({SOUTH: replaced("stella@vale.example", "stella@vale")}, (SOUTH, "email-invalid")),
    "with others": (
        {"agreements/ACME-001.yaml": replaced("emea-2026", "emea")},
        ("agreements/ACME-001.yaml", "unknown-price-list"),
    ),
    "by its place": ({"contacts/notes.txt": "x"}, ("contacts/notes.txt", "unexpected-file")),
    "unreadable": ({SOUTH: "a: b: c"}, (SOUTH, "yaml-syntax")),
}


@pytest.mark.parametrize("mistake", OLD_MISTAKES)
def test_old_mistake_in_a_file_left_alone_is_a_warning(mistake: str, tmp_path: Path) -> None:
    base, found = OLD_MISTAKES[mistake]
    repository = GitRepository(tmp_path, base)
    repository.commit({ACME: replaced("Jane", "Janet")})
    validation = validated(repository)
    warnings = {(item.source, item.code) for item in validation.findings if "(already on the base)" in item.message}
    assert (errors(validation), warnings) == (set(), {found})


def test_old_mistake_in_a_file_that_is_touched_is_an_error(tmp_path: Path) -> None:
    base, found = OLD_MISTAKES["by itself"]
    repository = GitRepository(tmp_path, base)
    repository.commit({SOUTH: replaced("Stella", "Stela")})
    assert errors(validated(repository, SOUTHWIND)) == {found}


def test_new_mistake_in_a_file_left_alone_is_an_error(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({"prisma.yaml": replaced("\n  southwind:", "\n  westwind:")})
    assert errors(validated(repository, MIRA)) == {(SOUTH, "unknown-partner")}


def test_old_discrepancies_of_issued_documents_are_nothing(tmp_path: Path) -> None:
    late = {"invoices/ACME-001/INV-1.yaml": replaced("due_on: 2026-12-10", "due_on: 2026-12-24")}
    repository = GitRepository(tmp_path, late)
    repository.commit({"README.md": "new"})
    assert errors(validated(repository, MIRA)) == set()


def test_unreadable_document_on_the_base_may_be_repaired(tmp_path: Path) -> None:
    path = "invoices/ACME-001/INV-1.yaml"
    text = example_files()[path]
    repository = GitRepository(tmp_path, {path: text.replace("quantity: 12", "quantity: [12")})
    repository.commit({path: text})
    assert errors(validated(repository, MIRA)) == set()


def test_owner_is_the_one_of_the_base_branch_now(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    files = dict(repository.files)
    request = repository.commit({ACME: replaced("Jane", "Janet")})
    repository.files = files
    repository.commit({ACME: replaced("partner: northwind", "partner: southwind")}, ("main",), "main")
    assert repository.git("rev-parse", "HEAD") == request
    validation = validated(repository)
    assert errors(validation) == {(ACME, "foreign-account")}
    assert "the base has changes that HEAD lacks: check the merge of both as well" in validation.notes


@pytest.mark.parametrize(
    ("actor", "note"),
    [
        (None, "ownership was not judged: name who asks by --actor"),
        ("nora", "who asks was given by user name, which can pass to somebody else: prefer the number"),
        (NORTHWIND, "judged as a member of northwind"),
        (MIRA, "judged as staff: paths and accounts are not restricted"),
        (MIRA, NO_STAFF),
    ],
)
def test_notes_say_how_the_request_was_judged(actor: str | None, note: str, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({ACME: replaced("Jane", "Janet")})
    validation = validated(repository, actor)
    assert note in validation.notes
    assert errors(validation) == set()


def test_who_is_listed_as_staff_needs_no_note_about_it(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path, {"prisma.yaml": replaced("first_period:", LISTED_STAFF)})
    repository.commit({ACME: replaced("Jane", "Janet")})
    assert NO_STAFF not in validated(repository, MIRA).notes


def test_without_actor_what_is_immutable_still_is(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({"invoices/ACME-001/INV-1.yaml": replaced("per core pair", "per core"), "README.md": "x"})
    assert errors(validated(repository, None)) == {("invoices/ACME-001/INV-1.yaml", "issued-document-changed")}


@pytest.mark.parametrize("actor", ["", " ", "1001 ", "no one", "x" * 120, "1001\n", "-1"])
def test_actor_that_nobody_can_be_is_refused(actor: str, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    with pytest.raises(UsageProblem, match="--actor"):
        validated(repository, actor)


def test_workspace_below_the_repository(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path, below="data/")
    (tmp_path / "data").mkdir()
    repository.commit({SOUTH: replaced("Stella", "Stela"), "../.github/workflows/x.yml": "on: push", "../yaml.py": "x"})
    validation = validate_change(tmp_path / "data", "main", NORTHWIND, AS_OF)
    assert errors(validation) == {
        (SOUTH, "foreign-account"),
        ("../.github/workflows/x.yml", "workflow-change"),
        ("../yaml.py", "code-change"),
    }


def test_first_commit_of_a_workspace_is_not_judged_by_owners(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    files, repository.files = repository.files, {}
    repository.commit({"README.md": "x"}, (), "main")
    repository.files = files
    repository.commit({}, ("main",), "request")
    assert errors(validated(repository, NORTHWIND)) == set()


@pytest.mark.parametrize("base", ["absent", "--all", "HEAD..main"])
def test_base_that_is_no_commit_is_refused(base: str, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    with pytest.raises(UsageProblem, match="there is no commit"):
        validated(repository, base=base)


def test_settings_removed_by_staff_are_no_workspace(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({"prisma.yaml": None})
    with pytest.raises(UsageProblem, match="not a workspace"):
        validated(repository, MIRA)


def test_unreadable_manifest_closes_nothing_silently(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path, {"reports/2026-12/manifest.json": "{}"})
    repository.commit({REPORT: replaced("12", "13")})
    with pytest.raises(UsageProblem, match="cannot be read: restore it"):
        validated(repository)


def test_words_of_a_request(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({ACME: replaced(entry("Ben"), entry("Bo")), "README.md": "new", NEW: "a: b: c"})
    validation = validated(repository)
    assert validation.words(initials=False) == (
        "README.md: added",
        "ACME-001: − Ben Vale as billing contact",
        "ACME-001: + Bo Vale as billing contact",
        "contacts/ACME-002.yaml: added",
    )
    assert validation.words(initials=True)[1] == "ACME-001: − B. V. as billing contact"
