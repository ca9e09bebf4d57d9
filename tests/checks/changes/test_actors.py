"""Who asks: by number, by user name, as staff or for a partner."""

from dataclasses import replace
from pathlib import Path

import pytest

from prisma_batch.checks.changes.actors import actor_of
from prisma_batch.jobs.change_inputs import version_of
from prisma_batch.records.changes import Actor
from prisma_batch.records.settings import Member, Partner, Settings

NORA, SORA, MIRA = Member(login="nora", id=1001), Member(login="Sora-2", id=2002), Member(login="mira", id=7)


@pytest.fixture
def settings() -> Settings:
    example = Path(__file__).parents[2] / "examples" / "_base" / "prisma.yaml"
    partners = {
        "northwind": Partner(name="Northwind", members=(NORA, MIRA)),
        "southwind": Partner(name="Southwind", members=(SORA, NORA)),
    }
    record: Settings = version_of("prisma.yaml", example.read_bytes()).record
    return replace(record, partners=partners)


def partner(*names: str, by_login: bool = False) -> Actor:
    return Actor(role="partner", partners=frozenset(names), by_login=by_login)


@pytest.mark.parametrize(
    ("name", "staff", "actor"),
    [
        (None, (), Actor(role="unjudged")),
        ("2002", (), partner("southwind")),
        ("1001", (), partner("northwind", "southwind")),
        ("01001", (), partner("northwind", "southwind")),
        ("sora-2", (), partner("southwind", by_login=True)),
        ("7", (), partner("northwind")),
        ("7", (MIRA,), Actor(role="staff")),
        ("MIRA", (MIRA,), Actor(role="staff", by_login=True)),
        ("1001", (MIRA,), partner("northwind", "southwind")),
        ("999", (), Actor(role="staff")),
        ("999", (MIRA,), Actor(role="unknown")),
        ("eve", (MIRA,), Actor(role="unknown", by_login=True)),
    ],
)
def test_actor(name: str | None, staff: tuple[Member, ...], actor: Actor, settings: Settings) -> None:
    assert actor_of(name, replace(settings, staff=staff)) == actor


def test_login_of_digits_is_a_number(settings: Settings) -> None:
    trap = Partner(name="Trap", members=(Member(login="1001", id=5),))
    assert actor_of("1001", replace(settings, partners={"trap": trap})) == Actor(role="staff")


def test_without_settings_everybody_is_staff() -> None:
    assert actor_of("1001", None) == Actor(role="staff")
