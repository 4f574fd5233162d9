"""A real `paidan serve` on a port of its own, over a fresh directory that is removed afterwards."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PAIDAN", ROOT / "target/debug/paidan"))
STARTS_WITHIN_S = 60
STOPS_WITHIN_S = 20


@contextlib.contextmanager
def serving():
    """The address of a server; it must stop cleanly, or the check fails."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="paidan-api-"))
    told = open(place / "told", "w+", encoding="utf-8")
    errors = open(place / "errors", "w+", encoding="utf-8")
    server = subprocess.Popen(
        [BINARY, "serve", "--data", place / "data", "--listen", "127.0.0.1:0"],
        stdout=told,
        stderr=errors,
        env={**os.environ, "RUST_LOG": "warn"},
    )
    try:
        yield address(server, place)
        server.terminate()
        if server.wait(STOPS_WITHIN_S) != 0:
            raise SystemExit(f"the server did not stop cleanly:\n{(place / 'errors').read_text()}")
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
        told.close()
        errors.close()
        shutil.rmtree(place, ignore_errors=True)


def address(server, place):
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://[0-9.:]+", (place / "told").read_text())
        if found:
            return found.group()
        time.sleep(0.02)
    raise SystemExit(f"the server did not start:\n{(place / 'errors').read_text()}")


def ask(method, url, body=None, headers=None):
    """Status and JSON of an answer, whatever the status is."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or "null")


def done(method, url, body=None, headers=None):
    status, answer = ask(method, url, body, headers)
    if status >= 300:
        raise SystemExit(f"{method} {url}: {status} {answer}")
    return answer


def firm(base):
    """A small firm with tickets in many states; the ids that requests can name."""
    api = f"{base}/api/v1"
    area = done("PUT", f"{api}/areas/HD", {"name": "华东", "engineers_min": 0})["id"]
    outlet = done("PUT", f"{api}/outlets/PD", {"name": "浦东", "area": area})["id"]
    customer = done("PUT", f"{api}/customers/C1", {"name": "沪东机械", "outlet": outlet})["id"]
    device = done("PUT", f"{api}/devices/D1", {"model": "GK-800", "customer": customer})["id"]
    engineers = []
    for code in ("E1", "E2", "E3"):
        entry = {"name": f"工程师 {code}", "outlet": outlet, "capacity": 20}
        engineers.append(done("PUT", f"{api}/engineers/{code}", entry)["id"])
        done("POST", f"{api}/engineers/{code}/on-duty")
    tickets = []
    for number in range(8):
        report = {"sentence": f"冲床第 {number} 次停了", "outlet": outlet}
        tickets.append(done("POST", f"{api}/tickets", report)["id"])
    for ticket, verbs in zip(
        tickets,
        [
            [],
            ["accept"],
            ["accept", "depart", "arrive"],
            ["accept", "resolve"],
            ["accept", "resolve", "confirm"],
            ["accept", "resolve", "reject"],
            ["cancel"],
            ["accept", "hold"],
        ],
    ):
        if verbs:
            # By hand: what the dispatcher does in between must not decide what is tested.
            ask("POST", f"{api}/tickets/{ticket}/assign", {"engineer": engineers[0]})
        for verb in verbs:
            body = {"reason": "waiting_for_parts"} if verb == "hold" else {}
            actor = {"Paidan-Actor": f"engineer:{engineers[0]}"}
            ask("POST", f"{api}/tickets/{ticket}/{verb}", body, actor)
    return {
        "Ticket": tickets,
        "Engineer": engineers,
        "Outlet": [outlet],
        "Area": [area],
        "Customer": [customer],
        "Device": [device],
    }
