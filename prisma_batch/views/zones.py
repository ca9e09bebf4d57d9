"""The time zone in which a customer reads a moment."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.core import get_global


def local_moment(moment: datetime, country: str | None, fallback: str) -> datetime:
    """Return a moment in the time of a country, where all of the country has the same; else in the fallback's zone.

    The Canary Islands are an hour behind Madrid, so a customer in Spain reads the contact point's time, with its zone.
    """
    zones = [ZoneInfo(zone) for zone, territory in get_global("zone_territories").items() if territory == country]
    offsets = {moment.astimezone(zone).utcoffset() for zone in zones}
    return moment.astimezone(zones[0] if len(offsets) == 1 else ZoneInfo(fallback))
