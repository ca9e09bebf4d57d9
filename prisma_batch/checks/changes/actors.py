"""Who asks for a change, by the settings of the base."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding
from prisma_batch.records.changes import Actor, Request
from prisma_batch.records.settings import Member, Settings


def actor_of(name: str | None, settings: Settings | None) -> Actor:
    """Return who asks: by the number on the code host, or by user name where the text is no number.

    Staff who are also members of a partner are staff.

    Args:
        name: as given by ``--actor``; None where nobody said who asks.
        settings: those of the base; where there are none everybody is staff, for nobody could be named yet.
    """
    if name is None:
        return Actor(role="unjudged")
    by_login = not is_number(name)
    if settings is None:
        return Actor(role="staff", by_login=by_login)
    partners = frozenset(
        identifier for identifier, partner in settings.partners.items() if _is_named(name, partner.members)
    )
    if _is_named(name, settings.staff) or (not partners and not settings.staff):
        return Actor(role="staff", by_login=by_login)
    return Actor(role="partner" if partners else "unknown", partners=partners, by_login=by_login)


def is_number(name: str) -> bool:
    """Say whether who asks is given by number; a user name of digits alone counts as one."""
    return name.isascii() and name.isdigit()


def check_actor(request: Request) -> Iterator[Finding]:
    """Yield ``unknown-actor`` where the base names its staff, and neither there nor among members who asks.

    FAIL: ``--actor 999`` with ``staff: [{login: mira, id: 7}]``. PASS: ``--actor 7``. Where the settings of the base
    cannot be read it is ``base-unreadable``. FAIL: a prisma.yaml that is no YAML. PASS: one without faults.
    """
    if request.actor.role == "unknown" and request.settings is None:
        yield Finding(
            code="base-unreadable",
            message="prisma.yaml on the base has errors, so nobody knows what who asks may change",
            remedy="let finance repair it on the base branch first; validate without --actor says what is wrong",
            source="prisma.yaml",
        )
    elif request.actor.role == "unknown":
        yield Finding(
            code="unknown-actor",
            message="whoever asks for this is neither staff nor a member of a partner on the base branch",
            remedy="let finance add the person to staff or to a partner's members in prisma.yaml first",
            source="prisma.yaml",
        )


def _is_named(name: str, people: tuple[Member, ...]) -> bool:
    if is_number(name):
        return any(int(name) == person.id for person in people)
    # The code host knows a user name in any case.
    return any(name.casefold() == person.login.casefold() for person in people)
