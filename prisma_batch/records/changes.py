"""A request: what it changes in git's terms, who asks, and both versions of the records it touches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple, TypeAlias

from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.settings import Settings

PLAIN_FILE = "100644"
PROGRAM_FILE = "100755"
ABSENT = "000000"

# Who asks: a member of partners, anybody else, somebody that prisma.yaml should name and does not, or nobody said who.
Role: TypeAlias = Literal["partner", "staff", "unknown", "unjudged"]


class Change(NamedTuple):
    """One path that differs between two trees; a rename is two of them. Modes and blob ids are git's.

    ``path`` is relative to the workspace root; a path outside it begins with ``../``.
    """

    path: str
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str

    @property
    def is_new(self) -> bool:
        return self.old_mode == ABSENT

    @property
    def is_deleted(self) -> bool:
        return self.new_mode == ABSENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who asks; ``partners`` are those that a member acts for, ``by_login`` that no numeric id was given."""

    role: Role
    partners: frozenset[str] = frozenset()
    by_login: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One side of a changed record: its bytes, and its record where it has no faults.

    A contact file also has its plain ``value`` where it parses, and the ``lines`` of its contacts by JSON pointer.
    """

    content: bytes
    value: Any = None
    record: Any = None
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the rules about changes are told.

    ``settings`` are those of the base, None where it has none. ``owners`` gives the partner of accounts by the contact
    files of the base: every account that the changes touch and that the base has, empty text where the file cannot be
    read. ``before`` and ``after`` hold the versions of changed records by path; a record that is absent or could not be
    read from git has none. ``closed_through`` is the last closed period on the base. ``agreements`` are those of the
    head, for the accounts of new documents.
    """

    changes: tuple[Change, ...]
    actor: Actor
    as_of: date
    settings: Settings | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Version] = field(default_factory=dict)
    after: Mapping[str, Version] = field(default_factory=dict)
    closed_through: Period | None = None
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
