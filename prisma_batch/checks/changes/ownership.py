"""Whose record a partner's request changes. The owner is the partner that the contact file of the base names."""

from collections.abc import Iterator
from typing import Any

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.checks.changes.places import OwnPlace, own_place, partner_changes
from prisma_batch.records.changes import Change, Request, Version
from prisma_batch.records.contacts import Customer

_FINANCE = "take this file out of the request; finance changes it"


def check_ownership(request: Request) -> Iterator[Finding]:
    """Yield what keeps a partner from changing a contact file.

    ``foreign-account``: FAIL another partner's account. ``owner-unknown``: FAIL an account whose file on the base
    cannot be read. ``record-deleted``: FAIL an own file is removed. ``owner-change``: FAIL ``partner:`` of an own file
    differs. ``foreign-partner``: FAIL a new file names another partner. ``account-prefix``: FAIL a new account begins
    otherwise.
    PASS: an own file is edited; a new one names the own partner, under one of its prefixes.
    """
    for change, place in partner_changes(request):
        if place.period:
            continue
        owner = request.owners.get(place.account)
        found = _of_new(request, change, place) if owner is None else _of_known(request, change, owner)
        if found:
            yield found


def check_usage_ownership(request: Request) -> Iterator[Finding]:
    """Yield ``foreign-account`` where a usage report is about an account that is not the partner's.

    FAIL: a report for an account of another partner, or of nobody. PASS: for an own one, also one new in the request.
    """
    for change, place in partner_changes(request):
        if place.period and _owner(request, place.account) not in request.actor.partners:
            yield _foreign(change.path)


def check_renames(request: Request) -> Iterator[Finding]:
    """Yield ``rename-across-owners`` where a new contact file continues a removed one of another owner.

    It does where the files are the same, or share an e-mail address. FAIL: DELTA-001 is removed, and NORD-999 is new
    with its people. PASS: NORD-999 is new with people of its own.
    """
    changes = [change for change, place in partner_changes(request) if not place.period]
    removed = [change for change in changes if change.is_deleted]
    for change in changes:
        if change.is_new and any(_continues(request, change, other) for other in removed):
            yield Finding(
                code="rename-across-owners",
                message="this record continues a removed one of another owner",
                remedy="leave the old record as it is; finance moves accounts between partners",
                source=change.path,
            )


def named_partner(version: Version | None) -> str:
    """Return the partner that a contact file names, also where the file has other faults; empty where it names none."""
    named = version.value.get("partner") if version and isinstance(version.value, dict) else None
    return named if isinstance(named, str) else ""


def _of_known(request: Request, change: Change, owner: str) -> Finding | None:
    if not owner:
        message = "the record on the base cannot be read, so nobody knows whose it is"
        return _finding("owner-unknown", message, "let finance repair the record first", change.path)
    if owner not in request.actor.partners:
        return _foreign(change.path)
    if change.is_deleted:
        message = "a partner does not remove a customer record"
        return _finding("record-deleted", message, "restore the file; finance closes accounts", change.path)
    if _is_readable(request, change) and named_partner(request.after[change.path]) != owner:
        message = "only finance moves a record to another partner"
        return _finding("owner-change", message, "restore the partner as it was", change.path, pointer("partner"))
    return None


def _of_new(request: Request, change: Change, place: OwnPlace) -> Finding | None:
    if not _is_readable(request, change):
        return None
    named = named_partner(request.after[change.path])
    if named not in request.actor.partners:
        remedy = "name your own partner, as prisma.yaml has it on the base"
        return _finding(
            "foreign-partner", "a new record names its own partner", remedy, change.path, pointer("partner")
        )
    prefixes = _prefixes(request, named)
    if not place.account.startswith(prefixes):
        remedy = f"choose an id that begins with {' or '.join(prefixes)}" if prefixes else _FINANCE
        message = "the account begins with none of the partner's prefixes"
        return _finding("account-prefix", message, remedy, change.path, pointer("account"))
    return None


def _is_readable(request: Request, change: Change) -> bool:
    """Say whether the new version says anything; where it does not, the file has errors of its own."""
    after = request.after.get(change.path)
    return after is not None and after.value is not None


def _owner(request: Request, account: str) -> str:
    """Return who owns an account: by the base, or by a record that the request may add."""
    known = request.owners.get(account)
    if known is not None:
        return known
    named = named_partner(request.after.get(f"contacts/{account}.yaml"))
    return named if account.startswith(_prefixes(request, named)) else ""


def _prefixes(request: Request, partner: str) -> tuple[str, ...]:
    known = request.settings.partners.get(partner) if request.settings else None
    return known.account_prefixes if known else ()


def _continues(request: Request, added: Change, removed: Change) -> bool:
    place = own_place(removed.path)
    owner = request.owners.get(place.account) if place else None
    if owner == named_partner(request.after.get(added.path)):
        return False
    before, after = request.before.get(removed.path), request.after.get(added.path)
    shared = _addresses(before.record if before else None) & _addresses(after.record if after else None)
    return removed.old_blob == added.new_blob or bool(shared)


def _addresses(record: Any) -> set[str]:
    if not isinstance(record, Customer):
        return set()
    return {contact.email.casefold() for contacts in record.contacts.values() for contact in contacts}


def _foreign(path: str) -> Finding:
    message = "on the base this account does not belong to the partner who asks"
    return _finding("foreign-account", message, _FINANCE, path)


def _finding(code: str, message: str, remedy: str, source: str, at: str = "") -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=source, pointer=at)
