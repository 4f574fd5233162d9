"""PostgreSQL as it comes, in a cluster of its own that is removed afterwards."""

import csv
import glob
import json
import os
import re
import shutil
import subprocess
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Iterator

from history import Event
from rollup import LOW_STARS, ZONE, Key, Row

TABLE = """
CREATE TABLE events (
    position bigserial PRIMARY KEY,
    stream uuid NOT NULL,
    version int NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    data jsonb NOT NULL,
    UNIQUE (stream, version)
)
"""
# Its default.
WORK_MEM = "4MB"
# A ticket of this history is created once and accepted once, so no event needs the one before it.
ROLLUP = f"""
CREATE TABLE rollup AS
WITH told AS (
    SELECT (e.at AT TIME ZONE '{ZONE}')::date AS day,
           e.data->>'outlet' AS outlet,
           e.data->>'engineer' AS engineer,
           e.type,
           e.data->>'verdict' AS verdict,
           (e.data->>'stars')::int AS stars,
           extract(epoch FROM e.at - created.at)::int AS waited
    FROM events AS e
    LEFT JOIN events AS created
        ON e.type = 'accepted' AND created.type = 'created' AND created.stream = e.stream
    WHERE e.type IN ('accepted', 'resolved', 'confirmed') AND e.position <= {{last}}
)
SELECT day, outlet, engineer,
       count(*) FILTER (WHERE type = 'resolved') AS resolved,
       count(*) FILTER (WHERE verdict = 'satisfied') AS satisfied,
       count(*) FILTER (WHERE stars < {LOW_STARS}) AS low,
       coalesce(sum(stars), 0) AS stars,
       count(stars) AS stars_count,
       count(waited) AS waits,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY waited) AS median_s
FROM told
GROUP BY day, outlet, engineer
"""


class Missing(Exception):
    """PostgreSQL is not installed here."""


class Postgres:
    """A server on a Unix socket, with the settings that `initdb` writes. Stops when it is left."""

    def __init__(self, scratch: Path) -> None:
        places = [os.environ.get("PATH", ""), *sorted(glob.glob("/usr/lib/postgresql/*/bin"))]
        self.programs = {
            name: shutil.which(name, path=os.pathsep.join(places))
            for name in ("initdb", "pg_ctl", "psql")
        }
        if None in self.programs.values():
            raise Missing("initdb, pg_ctl and psql are not installed (Debian: postgresql)")
        self.directory = scratch / "postgres"
        self.directory.mkdir()
        # It refuses to run as root.
        self.prefix = []
        if os.getuid() == 0:
            scratch.chmod(0o755)
            shutil.chown(self.directory, "nobody", "nogroup")
            self.prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        self.data = self.directory / "data"

    def __enter__(self) -> "Postgres":
        self.run("initdb", "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C", "-D", self.data)
        options = f"-c listen_addresses= -c unix_socket_directories={self.directory}"
        log = self.directory / "log"
        self.run("pg_ctl", "-w", "-D", self.data, "-l", log, "-o", options, "start")
        return self

    def __exit__(self, *_) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "-D", self.data, "stop")

    def run(self, program: str, *arguments: object) -> str:
        command = [*self.prefix, self.programs[program], *map(str, arguments)]
        # A server that inherits a pipe would keep it open.
        output = self.directory.parent / f"{program}.out"
        with output.open("w") as out:
            ended = subprocess.run(
                command, cwd=self.directory, stdout=out, stderr=subprocess.STDOUT
            ).returncode
        if ended != 0:
            raise RuntimeError(f"{program} ended with {ended}: {output.read_text()}")
        return output.read_text()

    def client(self, *arguments: object) -> list[str]:
        always = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.directory)
        return [*map(str, always), "-U", "bench", "-d", "postgres", *map(str, arguments)]

    def ask(self, *statements: str) -> str:
        commands = [argument for statement in statements for argument in ("-c", statement)]
        return self.run("psql", *self.client(*commands))

    def version(self) -> str:
        return self.ask("SHOW server_version").split()[0]

    def load(self, events: Iterator[Event]) -> None:
        self.ask(TABLE)
        copy = "COPY events (stream, version, type, at, data) FROM STDIN"
        command = [*self.prefix, self.programs["psql"], *self.client("-c", copy)]
        with subprocess.Popen(
            command, cwd=self.directory, stdin=subprocess.PIPE, text=True
        ) as client:
            for event in events:
                at = datetime.fromtimestamp(event.at, UTC).isoformat()
                stream, data = uuid.UUID(int=event.ticket), json.dumps(event.data)
                client.stdin.write(f"{stream}\t{event.version}\t{event.kind}\t{at}\t{data}\n")
        if client.returncode:
            raise RuntimeError("COPY failed")
        # What autovacuum would do a minute later.
        self.ask("VACUUM ANALYZE events", "CHECKPOINT")

    def roll_up(self, last: int, work_mem: str = WORK_MEM) -> float:
        """Of the events up to this position; in so many seconds, as psql sees them."""
        self.ask("DROP TABLE IF EXISTS rollup")
        told = self.ask(f"SET work_mem = '{work_mem}'", "\\timing on", ROLLUP.format(last=last))
        return float(re.findall(r"Time: ([\d.]+) ms", told)[-1]) / 1e3

    def plan(self, last: int, work_mem: str = WORK_MEM) -> str:
        self.ask("DROP TABLE IF EXISTS rollup")
        return self.ask(f"SET work_mem = '{work_mem}'", "EXPLAIN " + ROLLUP.format(last=last))

    def rows(self) -> dict[Key, Row]:
        told = self.ask("COPY rollup TO STDOUT (FORMAT csv)")
        return {
            (date.fromisoformat(day), outlet, engineer): tuple(
                int(count) if count else None for count in counts
            )
            for day, outlet, engineer, *counts in csv.reader(told.splitlines())
        }
