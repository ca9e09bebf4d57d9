"""One statement in several formats: balances and entries prove that it is the same, and one of them counts."""

from pandas import DataFrame, Series

_PLACE = ["source", "account_iban", "statement", "currency"]
_SAME = ["account_iban", "currency", "closed_on", "opening_minor", "closing_minor", "entries_minor"]
# So many different amounts on the same days are no accident, even where no balance proves anything.
_AMOUNTS = 3


def without_twins(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Leave out what another file says again in other words.

    Statements under different names are one where account, currency, last day, both balances and the days and amounts
    of their entries are equal. One without balances is another again where account, currency and the days and amounts
    of at least three different ones are equal, unless each entry of both has a reference of the bank. The one that a
    closed period used stays, else one with balances, else the one with most details.

    Args:
        entries: BANK_ENTRIES, numbered from 0.
        statements: BANK_STATEMENTS of all files.
        recorded: PAYMENTS of closed periods.
    Returns:
        Entries and statements, each numbered from 0.
    """
    twins = _proved(entries, statements, recorded)
    if len(twins):
        entries, statements = _left(entries, twins), _left(statements, twins)
    again = _told_again(entries, statements, recorded)
    return (_left(entries, again) if len(again) else entries), statements  # its balances still prove what follows it


def balanced(statements: DataFrame) -> "Series[bool]":
    """Say which statements have both balances, with entries that lead from one to the other."""
    proved = statements["opening_minor"] + statements["entries_minor"] == statements["closing_minor"]
    return proved.fillna(False).astype(bool)


def _proved(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> DataFrame:
    proved = statements[balanced(statements)]
    alike = proved[proved.duplicated(_SAME, keep=False)].drop_duplicates(_PLACE)
    if alike["statement"].nunique() < 2:
        return alike[:0]
    ranked = _ranked(entries, alike, recorded)
    first = ranked.groupby([*_SAME, "booked"], dropna=False)["statement"].transform("first")
    return ranked.loc[ranked["statement"].ne(first), _PLACE]


def _told_again(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> DataFrame:
    holds = statements.assign(balanced=balanced(statements))
    holds = holds[holds["balanced"] | statements[["opening_minor", "closing_minor"]].isna().any(axis="columns")]
    alike = holds[holds.duplicated(["account_iban", "currency", "entries_minor"], keep=False)].drop_duplicates(_PLACE)
    if alike["balanced"].all():
        return alike[:0]
    ranked = _ranked(entries, alike, recorded)
    ranked = ranked[ranked["amounts"] >= _AMOUNTS]
    same = ranked.groupby(["account_iban", "currency", "booked"])
    both_named = ranked["named"] & same["named"].transform("first")
    both_proved = ranked["balanced"] & same["balanced"].transform("first")
    return ranked.loc[same.cumcount().gt(0) & ~both_proved & ~both_named, _PLACE]


def _ranked(entries: DataFrame, alike: DataFrame, recorded: DataFrame) -> DataFrame:
    """Return statements with what they book, those that should stay first."""
    own = entries.merge(alike[_PLACE], on=_PLACE, how="inner", validate="many_to_one")
    told = alike.merge(_booked(own), on=_PLACE, how="inner", validate="one_to_one")
    files = recorded["source"].str.replace(r":[0-9]*$", "", regex=True)
    orders = {"is_new": ~told["statement"].isin(recorded["statement"]), "unproved": ~balanced(told)}
    told = told.assign(**orders, is_moved=~told["source"].isin(files), fewer=-told["rows"])
    return told.sort_values(["is_new", "is_moved", "unproved", "fewer", "statement", "source"])


def _booked(entries: DataFrame) -> DataFrame:
    """Return the days and amounts of each statement's entries as a text, and how many rows they take.

    Details of a batch stand at one place of their file, and count together. ``amounts`` says how many are different,
    ``named`` whether each entry has a reference.
    """
    marked = entries.assign(named=entries["bank_reference"].ne(""))
    parts = marked.groupby([*_PLACE, "booking_date", "pointer"], dropna=False)
    wide = parts.agg(sum=("amount_minor", "sum"), size=("amount_minor", "size"), named=("named", "all")).reset_index()
    said = wide["booking_date"].dt.strftime("%Y-%m-%d") + " " + wide["sum"].astype(str)
    statements = wide.assign(said=said).sort_values("said").groupby(_PLACE, dropna=False)
    parts_of = {"booked": ("said", "\n".join), "rows": ("size", "sum")}
    return statements.agg(**parts_of, amounts=("sum", "nunique"), named=("named", "all")).reset_index()


def _left(table: DataFrame, twins: DataFrame) -> DataFrame:
    marked = table[_PLACE].merge(twins[_PLACE], on=_PLACE, how="left", indicator="found", validate="many_to_one")
    is_left: Series[bool] = marked["found"].eq("left_only")
    return table[is_left.to_numpy()].reset_index(drop=True)
