"""Makes the rollup everywhere, checks that the same events give the same rows, and prints a table."""

import argparse
import importlib.metadata
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import history
from history import EVENTS_PER_TICKET
from in_library import Library
from in_postgres import WORK_MEM, Missing, Postgres
from rollup import Key, Rollup, Row

RUNS = 3
# In the history of fold_speed: departures, arrivals and the engineer's place, too.
PAIDANS_EVENTS_PER_TICKET = 9
FOLD_SPEED = os.environ.get("PAIDAN_FOLD_SPEED", "target/release/examples/fold_speed")


class Line(NamedTuple):
    """Of the table; a rate for each run, in events per second."""

    what: str
    events: int
    events_per_ticket: int
    rates: list[float]


class Disagreement(Exception):
    """Two of them counted differently."""


def check(what: str, found: dict[Key, Row], expected: dict[Key, Row], tickets: int) -> None:
    """Every row of both, and that the tickets are all in it."""
    different = [key for key in found.keys() | expected if found.get(key) != expected.get(key)]
    if different:
        key = min(different)
        raise Disagreement(
            f"{what}: {len(different)} rows differ, the first is {key}: "
            f"{found.get(key)} instead of {expected.get(key)}"
        )
    resolved, stars, waits = (sum(row[place] for row in found.values()) for place in (0, 4, 5))
    if {resolved, stars, waits} != {tickets}:
        raise Disagreement(f"{what}: {resolved}, {stars} and {waits} of {tickets} tickets")
    note(f"{what}: {len(found)} rows agree")


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def plainly(tickets: int) -> dict[Key, Row]:
    """The rollup without anything between events and dicts."""
    rollup = Rollup()
    for event in history.events(tickets):
        about = (event.at, event.data["outlet"], event.data.get("engineer", ""))
        match event.kind:
            case "created":
                rollup.created(event.ticket, event.at)
            case "accepted":
                rollup.accepted(event.ticket, *about)
            case "resolved":
                rollup.resolved(*about)
            case "confirmed":
                rollup.confirmed(*about, event.data["verdict"], event.data["stars"])
    return rollup.rows()


def in_postgres(scratch: Path, tickets: int, few: int) -> tuple[list[Line], dict[Key, Row]]:
    """Its lines of the table, and its rows for the first few tickets."""
    events = tickets * EVENTS_PER_TICKET
    with Postgres(scratch) as postgres:
        postgres.load(history.events(tickets))
        expected = plainly(tickets)
        lines = []
        for work_mem in (WORK_MEM, "256MB"):
            note(postgres.plan(events, work_mem))
            rates = [events / postgres.roll_up(events, work_mem) for _ in range(RUNS)]
            check("PostgreSQL and plain dicts", postgres.rows(), expected, tickets)
            name = f"PostgreSQL {postgres.version()}, one statement, `work_mem` {work_mem}"
            lines.append(Line(name, events, EVENTS_PER_TICKET, rates))
        postgres.roll_up(few * EVENTS_PER_TICKET)
        return lines, postgres.rows()


def in_library(scratch: Path, few: int, expected: dict[Key, Row]) -> list[Line]:
    version = importlib.metadata.version("eventsourcing")
    lines = []
    for where, directory in (("SQLite", scratch), ("memory", None)):
        library = Library(directory)
        library.load(few)
        rates = []
        for _ in range(RUNS):
            rows, seen, seconds = library.roll_up()
            check(f"eventsourcing ({where}) and the one before", rows, expected, few)
            rates.append(seen / seconds)
        library.app.close()
        name = f"`eventsourcing` {version}, rollup in dicts, events in {where}"
        lines.append(Line(name, few * EVENTS_PER_TICKET, EVENTS_PER_TICKET, rates))
    return lines


def in_paidan(scratch: Path, tickets: int) -> list[Line]:
    """From what fold_speed prints: in memory, and a log on disk that is read and folded."""

    def told(*arguments: object) -> str:
        note(f"fold_speed {' '.join(map(str, arguments))}")
        return subprocess.check_output([FOLD_SPEED, *map(str, arguments)], text=True)

    events, one, six = 0, [], []
    for _ in range(RUNS):
        text = told(tickets)
        events = int(re.search(r"^(\d+) events", text, re.MULTILINE)[1])
        one.append(float(re.search(r"^satisfaction +(\d+) events/s", text, re.MULTILINE)[1]))
        six.append(float(re.search(r"^all six +(\d+) events/s", text, re.MULTILINE)[1]))
    # `rebuild` without what it measures beside live models.
    log = scratch / "log"
    told("write", log, tickets * EVENTS_PER_TICKET)
    disk_events, disk = 0, []
    for _ in range(RUNS):
        row = re.search(r"^\| (\d+) \|.*$", told("fold", log), re.MULTILINE)
        disk_events = int(row[1])
        disk.append(float(row[0].split("|")[5]))
    return [
        Line(f"Paidan, {what}", count, PAIDANS_EVENTS_PER_TICKET, rates)
        for what, count, rates in (
            ("satisfaction alone, events in memory", events, one),
            ("all six read models, events in memory", events, six),
            ("all six read models, log read from disk", disk_events, disk),
        )
    ]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tickets", type=int, default=300_000)
    arguments.add_argument("--library-tickets", type=int, default=4_000)
    arguments.add_argument("--directory", default=tempfile.gettempdir())
    given = arguments.parse_args()
    # So that the server stops and the directory goes then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    few = min(given.library_tickets, given.tickets)
    with tempfile.TemporaryDirectory(dir=given.directory, prefix="rollup-") as directory:
        scratch = Path(directory)
        try:
            lines, expected = in_postgres(scratch, given.tickets, few)
        except Missing as missing:
            note(f"PostgreSQL takes no part: {missing}")
            lines, expected = [], plainly(few)
        lines += in_library(scratch, few, expected)
        lines += in_paidan(scratch, given.tickets)
    print("| what | events | of a ticket | events/s | least | most | tickets/s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for line in lines:
        median = statistics.median(line.rates)
        rates = (median, min(line.rates), max(line.rates), median / line.events_per_ticket)
        figures = " | ".join(f"{rate:,.0f}" for rate in rates)
        print(f"| {line.what} | {line.events:,} | {line.events_per_ticket} | {figures} |")


if __name__ == "__main__":
    main()
