"""Identifiers: account ids and file names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.base.identifiers import ACCOUNT_ID, account_slug, file_stem

QUICK = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize("account", ["A", "7", "007", "NA", "NULL", "1E5", "ACME-001", "A-B", "A--B", "A" * 32])
def test_account_ids(account: str) -> None:
    assert ACCOUNT_ID.fullmatch(account)


@pytest.mark.parametrize("account", ["7", "NA", "ACME-001", "A--B", "A" * 32])
def test_an_account_id_is_its_own_slug(account: str) -> None:
    assert account_slug(account) == account


@pytest.mark.parametrize("account", ["", "-", "A-", "-A", "acme", "A B", "A_B", "A" * 33, "Ä", "A\n", "A/B", "A.B"])
def test_no_account_ids(account: str) -> None:
    assert not ACCOUNT_ID.fullmatch(account)


@pytest.mark.parametrize(
    ("identifier", "stem"),
    [
        ("INV-2026-00123", "INV-2026-00123"),
        ("2026/77", "2026_77"),
        ("a b:c", "a_b_c"),
        ("../../etc", ".._.._etc"),
        ("é", "_"),
        ("x_y.z-1", "x_y.z-1"),
    ],
)
def test_file_stem(identifier: str, stem: str) -> None:
    assert file_stem(identifier) == stem


@pytest.mark.parametrize(
    ("text", "slug"),
    [("1234-5678", "1234-5678"), ("acme hosting", "ACME-HOSTING"), (" acme  b.v. ", "ACME-B-V"), ("straße", "STRASSE")],
)
def test_account_slug(text: str, slug: str) -> None:
    assert account_slug(text) == slug


@QUICK
@given(st.text(max_size=60))
def test_a_slug_is_an_account_id_and_stays_one(text: str) -> None:
    slug = account_slug(text)
    assert ACCOUNT_ID.fullmatch(slug)
    assert account_slug(slug) == slug


def test_long_identifiers_with_one_beginning_stay_apart() -> None:
    subscription = "/subscriptions/64e355d7-997c-491d-b0c1-8414dccfcf42/resource-groups/"
    one, other = account_slug(subscription + "one"), account_slug(subscription + "other")
    assert one != other
    assert one[:23] == other[:23] == "SUBSCRIPTIONS-64E355D7-"
    assert len(one) <= 32


def test_identifiers_without_any_letter_stay_apart() -> None:
    assert account_slug("§§") != account_slug("§§§")
