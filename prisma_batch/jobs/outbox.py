"""The outbox of a published run, checked against its manifest; where git ignored it, it is built again."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prisma_batch.base.errors import InvariantBroken, UsageProblem
from prisma_batch.base.periods import Period, is_period
from prisma_batch.jobs.notify import plan_notices_of, publish_notices
from prisma_batch.jobs.run import RunOptions, run
from prisma_batch.readers.files import sha256
from prisma_batch.readers.journal import journals_as_recorded
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.records.journal import ABOUT_HEADER, ACT_BY_HEADER, PRIVATE_HEADERS, SUBSTANCE_HEADER
from prisma_batch.records.table import rows_of
from prisma_batch.writers.mail import identifier
from prisma_batch.writers.publish import MANIFEST
from prisma_batch.writers.table_files import TABLE_FILES
from prisma_batch.writers.tables import read_table

_HEADER_ENDS = re.compile(rb"\r\n(?![ \t])")  # what follows a space is still the header before
_MESSAGE_ID = re.compile(rb"(?<=^Message-ID: )<[^<>]*>")
_PRIVATE = PRIVATE_HEADERS.lower().encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxMail:
    """One message of an outbox; without ``content`` it is not sent, and ``skipped_because`` says why."""

    key: str
    revision: int
    skipped_because: str
    content: bytes = b""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    about: tuple[str, ...] = ()
    substance: str = ""
    act_by: date | None = None

    def on_the_wire(self, moment: datetime) -> bytes:
        """Return the mail as it is sent: dated, and without what only the journal is told."""
        head, blank, body = self.content.partition(b"\r\n\r\n")
        date_header = f"Date: {format_datetime(moment)}".encode()
        headers = (_MESSAGE_ID.sub(self.message_id.encode(), header) for header in _HEADER_ENDS.split(head))
        told = [header for header in headers if not header.lower().startswith(_PRIVATE)]
        return b"\r\n".join([date_header, *told]) + blank + body

    def again(self, revision: int) -> "OutboxMail":
        """Return the mail as a later revision, which is another message to those who have the earlier one."""
        domain = self.message_id.strip("<>").rpartition("@")[2]
        return replace(self, revision=revision, message_id=identifier(self.key, revision, domain))


@contextmanager
def outbox_mails(root: Path, name: str) -> Iterator[tuple[OutboxMail, ...]]:
    """Give the messages of a period or a day's notices, sorted by key.

    Raises:
        NotAWorkspace: there is no prisma.yaml.
        UsageProblem: nothing was published under that name, or without mails.
        InvariantBroken: a file is not what the manifest says, or cannot be made again.
    """
    require_workspace(root)
    folder = root / "reports" / (name if is_period(name) else f"notices/{name}")
    manifest = _manifest(folder, name)
    hashes = {item["path"]: item["sha256"] for item in manifest["outputs"]}
    if "outbox.csv" not in hashes:
        raise UsageProblem(f"{name} was published without mails: run it again, without --tables-only")
    if (folder / "outbox").is_dir() or not any(path.startswith("outbox/") for path in hashes):
        yield _mails(folder, hashes)
        return
    with TemporaryDirectory(prefix="prisma-batch-") as scratch:
        place = _built_again(root, name, manifest, Path(scratch) / "run")
        try:
            mails = _mails(place, hashes)
        except InvariantBroken as error:
            raise _changed_since(root, manifest, error) from None
        yield mails


def _manifest(folder: Path, name: str) -> Mapping[str, Any]:
    try:
        manifest: Mapping[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        _ = [manifest[name] for name in ("period", "as_of", "journals", "inputs", "outputs")]
    except FileNotFoundError:
        command = f"run {name}" if is_period(name) else f"notify --as-of {name}"
        raise UsageProblem(f"nothing was published for {name}: prisma-batch {command} comes first") from None
    except (ValueError, KeyError, TypeError):
        raise InvariantBroken(f"{folder.name}/{MANIFEST} cannot be read: restore it from git") from None
    return manifest


def _built_again(root: Path, name: str, manifest: Mapping[str, Any], target: Path) -> Path:
    """Publish a period or a day's notices once more, elsewhere, from the records and from what was known as sent."""
    journals = journals_as_recorded(root, manifest["journals"])
    options = RunOptions(as_of=date.fromisoformat(manifest["as_of"]), out=target, journals=journals)
    period = Period.parse(manifest["period"])
    if is_period(name):
        run(root, period, options, lambda _: None)
    else:
        publish_notices(root, target, plan_notices_of(root, period, options, lambda _: None))
    return target


def _changed_since(root: Path, manifest: Mapping[str, Any], error: InvariantBroken) -> InvariantBroken:
    """Return why an outbox that was built again differs: the inputs that are not those of the manifest."""
    changed = [item["path"] for item in manifest["inputs"] if _sha256_of(root / item["path"]) != item["sha256"]]
    if not changed:
        return error
    others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return InvariantBroken(
        f"the outbox cannot be built again as it was: {changed[0]}{others} changed since; run it again"
    )


def _sha256_of(file: Path) -> str:
    return sha256(file.read_bytes()) if file.is_file() else ""


def _mails(folder: Path, hashes: Mapping[str, str]) -> tuple[OutboxMail, ...]:
    listed = read_table(_checked(folder, hashes, "outbox.csv"), TABLE_FILES["outbox.csv"])
    return tuple(_mail(folder, hashes, row) for row in rows_of(listed))


def _mail(folder: Path, hashes: Mapping[str, str], row: Any) -> OutboxMail:
    revision = int(row.revision)
    if row.skipped_because:
        return OutboxMail(key=row.key, revision=revision, skipped_because=row.skipped_because)
    content = _checked(folder, hashes, f"outbox/{row.key}.eml")
    mail = BytesParser(policy=policy.SMTP).parsebytes(content, headersonly=True)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the policy makes messages of its own")
    about = str(mail.get(ABOUT_HEADER, ""))
    return OutboxMail(
        key=row.key,
        revision=revision,
        skipped_because="",
        content=content,
        sender=mail["From"].addresses[0].addr_spec,
        recipients=tuple(address.addr_spec for address in mail["To"].addresses),
        message_id=str(mail["Message-ID"]),
        about=tuple(about.split(", ")) if about else (),
        substance=str(mail.get(SUBSTANCE_HEADER, "")),
        act_by=date.fromisoformat(str(mail[ACT_BY_HEADER])) if ACT_BY_HEADER in mail else None,
    )


def _checked(folder: Path, hashes: Mapping[str, str], path: str) -> bytes:
    file = folder / path
    content = file.read_bytes() if file.is_file() else b""
    if sha256(content) != hashes.get(path):
        raise InvariantBroken(f"{path} is not what the manifest says: run the period again, or restore it from git")
    return content
