"""The outbox: each mail read back says the same as the documents it brings, and goes to whom it should."""

import email.policy
import hashlib
import re
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
import yaml
from lxml import html

from tests.jobs.recipes import OCTOBER, SEPTEMBER, contents, customer, invoice, published, rows, write

FOLDERS = (SEPTEMBER, OCTOBER)
SENDER = "billing@prisma-distribution.example"
CONTACT_TYPES = {  # of the messages that go to every contact of one type
    "invoice_available": "billing",
    "statement_of_account": "statement",
    "usage_report_due": "usage_reporting",
}
LISTED_FILE = re.compile(r"^ +(\S+)\n +SHA-256 ([0-9a-f]{64})$", re.MULTILINE)


def mails(workspace: Path, folder: str) -> dict[str, EmailMessage]:
    parser = BytesParser(policy=email.policy.default)
    files = sorted((workspace / folder / "outbox").glob("*.eml"))
    return {file.stem: parser.parsebytes(file.read_bytes()) for file in files}  # type: ignore[misc]


@pytest.fixture(scope="session")
def outbox(example: Path) -> list[tuple[str, str, dict[str, str], EmailMessage]]:
    """Folder, key, row of outbox.csv and mail of every message that is sent."""
    found = []
    for folder in FOLDERS:
        listed = {row["key"]: row for row in rows(example / folder / "outbox.csv")}
        for key, mail in mails(example, folder).items():
            found.append((folder, key, listed[key], mail))
    return found


Outbox = list[tuple[str, str, dict[str, str], EmailMessage]]


def attachments(mail: EmailMessage) -> dict[str, bytes]:
    return {part.get_filename() or "": part.get_payload(decode=True) for part in mail.iter_attachments()}  # type: ignore[misc]


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def test_every_message_is_listed_with_its_hash(example: Path) -> None:
    for folder in FOLDERS:
        sent = {
            row["key"]: row["sha256"] for row in rows(example / folder / "outbox.csv") if not row["skipped_because"]
        }
        files = contents(example / folder / "outbox")
        assert {
            name.removesuffix(".eml"): hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name.endswith(".eml")
        } == sent


def test_mails_can_be_read_without_defects(outbox: Outbox) -> None:
    for _, key, row, mail in outbox:
        assert [part for part in mail.walk() if part.defects] == [], key
        assert mail["Subject"].split() == row["subject"].split()
        assert mail.get_content_type() == "multipart/mixed"


def test_headers(outbox: Outbox) -> None:
    for _, key, row, mail in outbox:
        assert [address.addr_spec for address in mail["From"].addresses] == [SENDER]
        assert [address.addr_spec for address in mail["Reply-To"].addresses] == [SENDER]
        assert ", ".join(address.addr_spec for address in mail["To"].addresses) == row["to"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert {"date", "bcc", "cc", "received"}.isdisjoint(name.lower() for name in mail), key


def test_message_ids_are_unique_and_follow_from_the_key(example: Path, outbox: Outbox, tmp_path: Path) -> None:
    ids = [str(mail["Message-ID"]) for _, _, _, mail in outbox]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"<[0-9a-f]{32}@prisma-distribution\.example>", one) for one in ids)
    published(example, "run", "2026-10", "--as-of", "2026-11-14", "--out", str(tmp_path / "october"))
    again = {key: mail["Message-ID"] for key, mail in mails(tmp_path, "october").items()}
    assert again.items() <= {key: mail["Message-ID"] for _, key, _, mail in outbox}.items()


def test_recipients_are_the_contacts_valid_on_the_day(example: Path, outbox: Outbox) -> None:
    days = {SEPTEMBER: "2026-10-15", OCTOBER: "2026-11-15"}
    for folder, key, row, mail in outbox:
        if row["kind"] not in CONTACT_TYPES:
            continue
        record = yaml.safe_load((example / "contacts" / f"{row['account']}.yaml").read_text(encoding="utf-8"))
        valid = [
            contact
            for contact in record["contacts"][CONTACT_TYPES[row["kind"]]]
            if str(contact.get("valid_from", "")) <= days[folder] <= str(contact.get("valid_to", "9999"))
        ]
        names = [(f"{contact['first_name']} {contact['last_name']}", contact["email"]) for contact in valid]
        assert [(address.display_name, address.addr_spec) for address in mail["To"].addresses] == names, key


def test_attachments_are_the_documents_and_as_the_text_says(example: Path, outbox: Outbox) -> None:
    published_bytes = {folder: set(contents(example / folder).values()) for folder in FOLDERS}
    for folder, key, row, mail in outbox:
        files = attachments(mail)
        assert " ".join(files) == row["attachments"]
        listed = dict(LISTED_FILE.findall(body(mail, "plain")))
        assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}, key
        assert set(files.values()) <= published_bytes[folder]


def test_figures_of_mails_are_those_of_statements(example: Path, outbox: Outbox) -> None:
    for folder, key, row, mail in outbox:
        if row["kind"] != "statement_of_account":
            continue
        lines = rows(example / folder / "statements" / f"{row['account']}.csv")
        page = html.fromstring((example / folder / "statements" / f"{row['account']}.html").read_bytes())
        for line in (line for line in lines if line["section"] == "closing"):
            for text in (body(mail, "plain"), html.fromstring(body(mail, "html")).text_content(), page.text_content()):
                amounts = {digits(amount) for amount in re.findall(r"\d[\d.,\s\xa0\u202f’]*[.,]\d\d", text)}
                assert digits(line["balance"]).lstrip("0") in {amount.lstrip("0") for amount in amounts}, key


def test_totals_of_documents_are_in_their_mails(example: Path, outbox: Outbox) -> None:
    for folder, key, row, mail in outbox:
        if row["kind"] == "invoice_available":
            number = key.removeprefix("invoice_available.")
            record = (example / "invoices" / row["account"] / f"{number}.yaml").read_text(encoding="utf-8")
            (total,) = re.findall(r'^total: "([\d.]+)"', record, re.MULTILINE)
            for text in (str(mail["Subject"]), body(mail, "plain"), html.fromstring(body(mail, "html")).text_content()):
                assert digits(total) in digits(text), key
            assert attachments(mail)[f"{number}.pdf"].startswith(b"%PDF-1.7")
            copy = html.fromstring((example / folder / "invoices" / f"{number}.html").read_bytes()).text_content()
            assert digits(total) in digits(copy)


def test_every_open_account_gets_its_statement_and_every_document_its_mail(example: Path) -> None:
    for folder in FOLDERS:
        keys = {row["key"] for row in rows(example / folder / "outbox.csv")}
        accounts = {path.stem for path in (example / folder / "statements").glob("*.csv")}
        documents = {path.stem for path in (example / folder / "invoices").glob("*.html")}
        period = folder.removeprefix("reports/")
        assert {f"statement_of_account.{account}.{period}" for account in accounts} <= keys
        assert {key.removeprefix("invoice_available.") for key in keys if key.startswith("invoice_")} == documents
    assert "usage_report_overdue.COLL-004.citrix-csp.2026-10" in keys


def test_contacts_to_verify_are_told_once(outbox: Outbox) -> None:
    told = {key: str(mail["To"]) for _, key, row, mail in outbox if row["kind"] == "contact_verification_due"}
    assert told == {
        "contact_verification_due.COLL-002.2026-11-07.1": "Camille Vertbois <camille.vertbois@vallon.example>",
        "contact_verification_due.NORD-201.2026-10-20.3": "Jannis Teleskop <jannis.teleskop@sternwarte-rz.example>",
    }


def test_customer_who_owes_nothing_gets_no_mail(records: Path) -> None:
    write(records, customer("NORD-900"))
    published(records, "run", "2026-09")
    listed = {row["key"]: row for row in rows(records / SEPTEMBER / "outbox.csv")}
    row = listed["statement_of_account.NORD-900.2026-09"]
    assert (row["skipped_because"], row["sha256"]) == ("zero balance", "")
    assert not list((records / SEPTEMBER / "outbox").glob("statement_of_account.NORD-900*"))


def test_names_and_addresses_stay_in_their_headers(records: Path) -> None:
    person = (
        "{first_name: 'Ina, <thief@evil.example>', last_name: 'O''Neil; \"x\"', email: o'neil+bills@müller.example}"
    )
    files = customer("NORD-900", name="'Ünïcode, \"Quoted\" <x@evil.example>'")
    files["contacts/NORD-900.yaml"] = re.sub(r"\{first_name.*\}", lambda _: person, files["contacts/NORD-900.yaml"])
    write(records, {**files, "invoices/NORD-900/NEW-1.yaml": invoice("NORD-900", "NEW-1", "2026-10-10", "77.00")})
    published(records, "run", "2026-09")
    found = mails(records, SEPTEMBER)
    for key in ("invoice_available.NEW-1", "statement_of_account.NORD-900.2026-09"):
        (address,) = found[key]["To"].addresses
        assert address.addr_spec == "o'neil+bills@xn--mller-kva.example"
        assert address.display_name == 'Ina, <thief@evil.example> O\'Neil; "x"'
        assert found[key]["Bcc"] is None


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("invoice_available.INV-2026-0201", "U hoeft nu niets te betalen."),  # paid on 12 November
        ("invoice_available.INV-2026-0216", "Wir ziehen 1.162,90 EUR am 15.12.2026 per Lastschrift ein."),
    ],
)
def test_nobody_is_asked_to_pay_what_is_paid_or_collected(outbox: Outbox, key: str, told: str) -> None:
    (mail,) = [mail for _, own, _, mail in outbox if own == key]
    for kind in ("plain", "html"):
        text = body(mail, kind).replace("\xa0", " ")
        assert told in text
        assert "NL60 PRSM" not in text
