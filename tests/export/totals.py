"""What DuckDB and pandas count in exported tables is what stands in the dumps that they are of."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import duckdb
import pandas

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PAIDAN", ROOT / "target/debug/paidan"))
REAL = "incident_event_log.csv.gz"
REAL_LINES = 6_000
# So many events of the invented firm: a good half of its first day, with ratings.
DEMO_EVENTS = 1_500
# An earlier export is made when there are half as many events or lines.
EARLIER = 2
WITHIN_S = 120

LIFECYCLE = ["created", "accepted", "completed", "rated", "low", "silent"]
SATISFACTION = [
    "resolved",
    "satisfied",
    "partial",
    "unresolved",
    "closed_by_silence",
    "closed_by_agent",
    "reopened",
    "imported_resolved",
    "imported_closed",
    "imported_reopened",
]
STARS = [f"stars_{stars}" for stars in range(1, 6)]
WAITS = ["first_response_count", "first_response_total_s"]
COLUMNS = {"lifecycle": LIFECYCLE, "satisfaction": SATISFACTION + STARS + WAITS}


def paidan(data, *words):
    done = subprocess.run([BINARY, "--data", data, *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"paidan {' '.join(map(str, words))}:\n{done.stderr}")
    return done.stdout


def real_file():
    named = os.environ.get("PAIDAN_SHARED_DATA")
    places = [pathlib.Path(named)] if named else []
    places += [above / "shared/data" for above in ROOT.parents]
    return next((place / REAL for place in places if (place / REAL).is_file()), None)


def import_part(data, place):
    mapping = ROOT / "docs/examples/incident_event_log.toml"
    part = place / "part.csv"
    for count in [REAL_LINES // EARLIER, REAL_LINES]:
        with gzip.open(real_file(), "rt", encoding="utf-8") as lines, open(part, "w") as out:
            out.writelines(line for line, _ in zip(lines, range(count)))
        paidan(data, "import", "history", part, "--mapping", mapping)
        if count < REAL_LINES:
            export_earlier(data, place)


def export_earlier(data, place):
    for form in ["parquet", "csv"]:
        paidan(data, "export", "--format", form, "--out", place / f"{form}-earlier")


def play(data, place):
    """The invented firm, until enough has happened."""
    with open(place / "said", "w") as said:
        words = ["serve", "--demo", "--speed", "3600", "--listen", "127.0.0.1:0", "--data", data]
        server = subprocess.Popen([BINARY, *words], stdout=said, stderr=said)
        try:
            end = time.monotonic() + WITHIN_S
            earlier = False
            while position(data) < DEMO_EVENTS:
                if not earlier and position(data) >= DEMO_EVENTS // EARLIER:
                    export_earlier(data, place)
                    earlier = True
                if server.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"the demo does not play:\n{(place / 'said').read_text()}")
                time.sleep(0.1)
            server.terminate()
            server.wait(WITHIN_S)
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


def position(data):
    done = subprocess.run(
        [BINARY, "--data", data, "log", "stat", "--json"], capture_output=True, text=True
    )
    return json.loads(done.stdout)["position"] if done.returncode == 0 else 0


def dump(data, name):
    return [json.loads(line) for line in paidan(data, "projection", "dump", name).splitlines()[1:]]


def totals(data):
    """Counted from the dumps, by day and column."""
    found = {}
    for row in (row for row in dump(data, "lifecycle") if "hour" in row):
        for column in LIFECYCLE:
            add(found, "lifecycle", row["day"], column, row[column])
    for row in (row for row in dump(data, "satisfaction") if "day" in row):
        counts = {column: row[column] for column in SATISFACTION}
        counts |= zip(STARS, row["stars"])
        waits = row["first_responses"]
        counts |= zip(WAITS, [len(waits), sum(waits)])
        for column, count in counts.items():
            add(found, "satisfaction", row["day"], column, count)
    return found


def add(found, table, day, column, count):
    key = (table, day, column)
    found[key] = found.get(key, 0) + count


class Totals:
    """Of one log, made by `fill`."""

    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="paidan-export-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        data = cls.place / "data"
        cls.fill(data, cls.place)
        cls.totals = totals(data)
        cls.tickets = [row for row in dump(data, "open_tickets") if "number" in row]
        for form in ["parquet", "csv", "xlsx"]:
            paidan(data, "export", "--format", form, "--out", cls.place / form)
        for form in ["parquet", "csv"]:
            words = ["--out", cls.place / f"{form}-since", "--since", cls.place / f"{form}-earlier"]
            paidan(data, "export", "--format", form, *words)

    def test_there_is_something_to_count(self):
        for table in COLUMNS:
            self.assertGreater(sum(count for key, count in self.totals.items() if key[0] == table), 9)
        self.assertGreater(len(self.tickets), 0)

    def test_duckdb_reads_the_totals_from_parquet_and_csv(self):
        for form in ["parquet", "csv"]:
            found = {}
            for table, columns in COLUMNS.items():
                sums = ", ".join(f"sum({column})" for column in columns)
                files = self.place / form / table / "*/*"
                read = f"read_{form}('{files}', hive_partitioning = true)"
                rows = duckdb.sql(f"select day, {sums} from {read} group by day").fetchall()
                for day, *counts in rows:
                    for column, count in zip(columns, counts):
                        found[table, str(day), column] = count
            self.assertEqual(found, self.totals, form)

    def test_pandas_reads_the_totals_from_parquet_and_workbooks(self):
        for form in ["parquet", "xlsx"]:
            found = {}
            for table, columns in COLUMNS.items():
                if form == "parquet":
                    rows = pandas.read_parquet(self.place / form / table)
                else:
                    rows = pandas.read_excel(self.place / form / f"{table}.xlsx")
                rows["day"] = rows["day"].astype(str).str[:10]
                sums = rows.groupby("day")[columns].sum()
                for day, counts in sums.iterrows():
                    for column in columns:
                        found[table, day, column] = int(counts[column])
            self.assertEqual(found, self.totals, form)

    def test_columns_have_the_types_that_are_declared(self):
        file = self.place / "parquet/open_tickets.parquet"
        described = duckdb.sql(f"describe select * from '{file}'").fetchall()
        types = {column: kind for column, kind, *_ in described}
        self.assertEqual(types["number"], "VARCHAR")
        self.assertEqual(types["version"], "BIGINT")
        self.assertEqual(types["urgent"], "BOOLEAN")
        self.assertEqual(types["created_at"], "TIMESTAMP WITH TIME ZONE")
        read = pandas.read_parquet(file)
        self.assertEqual(str(read["due"].dtype), "datetime64[us, UTC]")
        at = {row["id"]: pandas.Timestamp(row["created_at"]) for row in self.tickets}
        self.assertEqual(dict(zip(read["id"], read["created_at"])), at)
        days = f"select distinct typeof(day) from '{self.place}/parquet/lifecycle/*/*.parquet'"
        self.assertEqual(duckdb.sql(days).fetchall(), [("DATE",)])

    def test_what_is_empty_is_empty_in_all_formats(self):
        wanted = sum(1 for row in self.tickets if row["accepted_at"] is None)
        read = {
            "parquet": pandas.read_parquet(self.place / "parquet/open_tickets.parquet"),
            "csv": pandas.read_csv(self.place / "csv/open_tickets.csv"),
            "xlsx": pandas.read_excel(self.place / "xlsx/open_tickets.xlsx"),
        }
        for form, rows in read.items():
            self.assertEqual(len(rows), len(self.tickets), form)
            self.assertEqual(int(rows["accepted_at"].isna().sum()), wanted, form)

    def test_all_files_have_the_rows_that_the_proof_says(self):
        for form in ["parquet", "csv"]:
            proof = json.loads((self.place / form / "export.json").read_text())
            for file in (file for model in proof["models"] for file in model["files"]):
                path = self.place / form / file["path"]
                rows = duckdb.sql(f"select count(*) from read_{form}('{path}')").fetchall()
                self.assertEqual(rows, [(file["rows"],)], file["path"])


    def proof(self, name):
        return json.loads((self.place / name / "export.json").read_text())

    def files(self, name, table, removed=False):
        files = (file for model in self.proof(name)["models"] for file in model["files"])
        return [
            self.place / name / file["path"]
            for file in files
            if file["table"] == table and file.get("removed", False) == removed
        ]

    def tables(self):
        files = (file for model in self.proof("parquet")["models"] for file in model["files"])
        return sorted({file["table"] for file in files})

    def test_duckdb_makes_the_whole_of_an_earlier_export_and_what_is_different_since(self):
        for table in self.tables():

            def read(name):
                files = [str(file) for file in self.files(name, table)]
                if not files:
                    return None
                listed = f"read_parquet({files}, hive_partitioning = true)"
                return duckdb.sql(f"select * from {listed}")

            # A table by days has no file where no day is different.
            earlier, since, whole = read("parquet-earlier"), read("parquet-since"), read("parquet")
            removed = duckdb.read_parquet(str(self.files("parquet-since", table, True)[0]))
            key = removed.columns[0]
            found = earlier
            if found is not None:
                found = found.filter(f"{key} not in (select {key} from removed)")
            if since is not None and found is not None:
                found = found.filter(f"{key} not in (select {key} from since)").union(since)
            found = since if found is None else found
            rows = lambda of: sorted(of.fetchall(), key=repr) if of is not None else []
            self.assertEqual(rows(found), rows(whole), table)

    def test_pandas_makes_the_whole_of_an_earlier_export_and_what_is_different_since(self):
        def read(name, table, removed=False):
            files = [pandas.read_csv(file, dtype=str) for file in self.files(name, table, removed)]
            return pandas.concat(files) if files else None

        for table in self.tables():
            removed = read("csv-since", table, True)
            key = removed.columns[0]
            whole = read("csv", table)
            earlier, since = read("csv-earlier", table), read("csv-since", table)
            parts = [part for part in [earlier, since] if part is not None]
            if earlier is not None:
                gone = set(removed[key]) | (set(since[key]) if since is not None else set())
                parts[0] = earlier[~earlier[key].isin(gone)]
            found = pandas.concat(parts) if parts else None
            rows = lambda of: [] if of is None else sorted(of.fillna("").values.tolist())
            self.assertEqual(rows(found), rows(whole), table)

    def test_what_is_different_since_is_no_more_than_the_whole_and_goes_on_from_the_earlier(self):
        def rows(name, table):
            files = (file for model in self.proof(name)["models"] for file in model["files"])
            return sum(file["rows"] for file in files if file["table"] == table)

        self.assertGreater(rows("parquet-since", "lifecycle"), 0)
        self.assertLessEqual(rows("parquet-since", "lifecycle"), rows("parquet", "lifecycle"))
        earlier = {model["projection"]: model for model in self.proof("parquet-earlier")["models"]}
        for model in self.proof("parquet-since")["models"]:
            before, since = earlier[model["projection"]], model["since"]
            for what in ["position", "chain", "rules_version", "dump_lines", "dump_blake3"]:
                self.assertEqual(since[what], before[what], what)
            self.assertGreater(model["position"], since["position"])

    def test_all_exports_are_confirmed_by_the_log(self):
        names = ["parquet", "csv", "xlsx", "parquet-earlier", "parquet-since", "csv-since"]
        found = json.loads(
            paidan(
                self.place / "data",
                "projection",
                "prove",
                "--json",
                *(self.place / name for name in names),
            )
        )
        self.assertEqual([proved["holds"] for proved in found], [True] * len(names))


class OfAnInventedFirm(Totals, unittest.TestCase):
    fill = staticmethod(play)


@unittest.skipUnless(real_file(), f"{REAL} is in no shared/data above, nor in PAIDAN_SHARED_DATA")
class OfARealFirm(Totals, unittest.TestCase):
    fill = staticmethod(import_part)


if __name__ == "__main__":
    unittest.main(verbosity=2)
