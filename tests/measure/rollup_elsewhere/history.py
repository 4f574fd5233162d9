"""The same made-up tickets for everybody: five events each, from report to answer."""

from typing import Iterator, NamedTuple

EVENTS_PER_TICKET = 5
ENGINEERS = 300
OUTLETS = 30
# As `fold_speed` has it: a ticket every nine seconds.
BEGIN = 1_772_413_200
BETWEEN_S = 9


class Event(NamedTuple):
    """`at` in seconds since 1970; `data` is what is stored as JSON."""

    ticket: int
    version: int
    kind: str
    at: int
    data: dict


def life(ticket: int) -> Iterator[Event]:
    """A ticket from report to answer. Numbers begin at 1; the same number has the same life."""
    chance = ticket * 2_654_435_761 % 4_294_967_296
    engineer = f"engineer-{ticket % ENGINEERS:03}"
    outlet = f"outlet-{ticket % OUTLETS:02}"
    about = {"outlet": outlet, "engineer": engineer}
    stars = 1 + chance // 64 % 5
    verdict = "satisfied" if stars > 3 else "partial" if stars > 1 else "unresolved"
    reported = BEGIN + ticket * BETWEEN_S
    assigned = reported + 1 + chance % 60
    accepted = assigned + 5 + chance // 8 % 1_795
    resolved = accepted + 600 + chance // 16 % 10_800
    confirmed = resolved + 60 + chance // 32 % 86_400
    yield Event(ticket, 1, "created", reported, {"outlet": outlet, "priority": "normal"})
    yield Event(ticket, 2, "assigned", assigned, about)
    yield Event(ticket, 3, "accepted", accepted, about)
    yield Event(ticket, 4, "resolved", resolved, about | {"method": "on_site"})
    yield Event(ticket, 5, "confirmed", confirmed, about | {"verdict": verdict, "stars": stars})


def events(tickets: int) -> Iterator[Event]:
    """The lives of so many tickets, one after the other."""
    for ticket in range(1, tickets + 1):
        yield from life(ticket)
