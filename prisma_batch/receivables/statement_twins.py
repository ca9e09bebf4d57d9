"""One statement in several formats: balances and entries prove that it is the same, and one of them counts."""

from pandas import DataFrame, Series

_PLACE = ["source", "account_iban", "statement", "currency"]
_SAME = ["account_iban", "currency", "closed_on", "opening_minor", "closing_minor", "entries_minor"]


def without_twins(entries: DataFrame, statements: DataFrame, recorded: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Leave out what another file says again in other words.

    Statements under different names are one where account, currency, last day, both balances and the days and amounts
    of their entries are equal. The one that a closed period used stays, else the one with most details.

    Args:
        entries: BANK_ENTRIES, numbered from 0.
        statements: BANK_STATEMENTS of all files.
        recorded: PAYMENTS of closed periods.
    Returns:
        Entries and statements, each numbered from 0.
    """
    proved = statements[statements["opening_minor"] + statements["entries_minor"] == statements["closing_minor"]]
    alike = proved[proved.duplicated(_SAME, keep=False)].drop_duplicates(_PLACE)
    if alike["statement"].nunique() < 2:
        return entries, statements
    own = entries.merge(alike[_PLACE], on=_PLACE, how="inner", validate="many_to_one")
    named = alike.merge(_booked(own), on=_PLACE, how="inner", validate="one_to_one")
    is_used = named["statement"].isin(recorded["statement"])
    ranked = named.assign(is_new=~is_used, fewer=-named["rows"]).sort_values(["is_new", "fewer", "statement"])
    first = ranked.groupby([*_SAME, "booked"], dropna=False)["statement"].transform("first")
    twins = ranked.loc[ranked["statement"].ne(first), _PLACE]
    return _left(entries, twins), _left(statements, twins)


def _booked(entries: DataFrame) -> DataFrame:
    """Return the days and amounts of each statement's entries as a text, and how many rows they take.

    Details of a batch stand at one place of their file, and count together.
    """
    sums = entries.groupby([*_PLACE, "booking_date", "pointer"], dropna=False)["amount_minor"].agg(["sum", "size"])
    wide = sums.reset_index()
    said = wide["booking_date"].dt.strftime("%Y-%m-%d") + " " + wide["sum"].astype(str)
    ordered = wide.assign(said=said).sort_values("said")
    return ordered.groupby(_PLACE, dropna=False).agg(booked=("said", "\n".join), rows=("size", "sum")).reset_index()


def _left(table: DataFrame, twins: DataFrame) -> DataFrame:
    marked = table[_PLACE].merge(twins, on=_PLACE, how="left", indicator="found", validate="many_to_one")
    is_left: Series[bool] = marked["found"].eq("left_only")
    return table[is_left.to_numpy()].reset_index(drop=True)
