"""The Python library `eventsourcing`: an application that stores the tickets, and a projection that reads its log."""

import time
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.system import NotificationLogReader

import history
from rollup import Key, Rollup, Row

# What the reader asks for at once; ten, as the library has it, would be slower.
PAGE = 1_000


class Ticket(Aggregate):
    """Keeps no state: nothing but its events is asked for."""

    @event("Reported")
    def __init__(self, at: int, outlet: str, priority: str) -> None:
        pass

    @event("Assigned")
    def assign(self, at: int, outlet: str, engineer: str) -> None:
        pass

    @event("Accepted")
    def accept(self, at: int, outlet: str, engineer: str) -> None:
        pass

    @event("Resolved")
    def resolve(self, at: int, outlet: str, engineer: str, method: str) -> None:
        pass

    @event("Confirmed")
    def confirm(self, at: int, outlet: str, engineer: str, verdict: str, stars: int) -> None:
        pass


class Tickets(Application):
    log_section_size = PAGE


STEPS = {
    "assigned": Ticket.assign,
    "accepted": Ticket.accept,
    "resolved": Ticket.resolve,
    "confirmed": Ticket.confirm,
}


class Library:
    """With its events in memory, or in SQLite where there is a directory."""

    def __init__(self, directory: Path | None) -> None:
        env = {"PERSISTENCE_MODULE": "eventsourcing.popo"}
        if directory is not None:
            env = {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(directory / "tickets.sqlite"),
            }
        self.app = Tickets(env=env)

    def load(self, tickets: int) -> None:
        for number in range(1, tickets + 1):
            first, *others = history.life(number)
            ticket = Ticket(at=first.at, **first.data)
            for step in others:
                STEPS[step.kind](ticket, at=step.at, **step.data)
            self.app.save(ticket)

    def roll_up(self) -> tuple[dict[Key, Row], int, float]:
        """The rollup, how many events were read for it, and in how many seconds."""
        begun = time.perf_counter()
        rollup = Rollup()
        seen = 0
        reader = NotificationLogReader(self.app.notification_log, section_size=PAGE)
        for page in reader.select(start=1):
            for notification in page:
                seen += 1
                fold(rollup, self.app.mapper.to_domain_event(notification))
        rows = rollup.rows()
        return rows, seen, time.perf_counter() - begun


def fold(rollup: Rollup, event: Ticket.Event) -> None:
    match event:
        case Ticket.Reported():
            rollup.created(event.originator_id, event.at)
        case Ticket.Accepted():
            rollup.accepted(event.originator_id, event.at, event.outlet, event.engineer)
        case Ticket.Resolved():
            rollup.resolved(event.at, event.outlet, event.engineer)
        case Ticket.Confirmed():
            stars = event.stars
            rollup.confirmed(event.at, event.outlet, event.engineer, event.verdict, stars)
