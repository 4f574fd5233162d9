"""schemathesis against a running server: no 5xx, and no answer that the document does not have.

Left out, each for a reason:
- `follow_events`: the stream never ends; its promises are in crates/gateway/tests/api/stream.rs,
  and that it begins as documented is asked here.
- `load_sheet`: its body is a text, and every text is one; what is wrong in it is told line by line.
  Properties in crates/sheets send it any bytes.
- `send_commands`: its body is a text too; `lines.py` sends it lines that are right and lines that are
  broken, and compares each answer with the document.
- positive_data_acceptance: a command that fits the document may still be refused by the rules (409,
  422). What it is to find, a request that cannot be read although it fits, is asked more sharply by
  `what_fits_the_document_can_be_read` in hooks.py.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

import lines
import server

HERE = pathlib.Path(__file__).resolve().parent
SEED = os.environ.get("PAIDAN_FUZZ_SEED", "20260301")
EXAMPLES = os.environ.get("PAIDAN_FUZZ_EXAMPLES", "2")
ENDS_WITHIN_S = 600


def stream_begins(base):
    with urllib.request.urlopen(f"{base}/api/v1/stream?after=0", timeout=10) as stream:
        media = stream.headers["content-type"]
        if not media.startswith("text/event-stream") or b"event: begin" not in stream.read(120):
            raise SystemExit(f"the stream does not begin as documented: {media}")


def main():
    # Where schemathesis keeps what it remembers from one run to the next, which is nothing here.
    with tempfile.TemporaryDirectory() as place, server.serving() as base:
        known = server.firm(base)
        stream_begins(base)
        command = [
            pathlib.Path(sys.executable).with_name("schemathesis"),
            "--config-file",
            HERE / "schemathesis.toml",
            "run",
            f"{base}/openapi.json",
            "--phases=examples,coverage,fuzzing",
            "--checks=all",
            "--exclude-checks=positive_data_acceptance",
            "--exclude-operation-id=follow_events",
            "--exclude-operation-id=load_sheet",
            "--exclude-operation-id=send_commands",
            f"--max-examples={EXAMPLES}",
            f"--seed={SEED}",
            "--no-shrink",
            "--no-color",
            "--warnings=off",
            "--generation-database=none",
            *sys.argv[1:],
        ]
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "PAIDAN_KNOWN": json.dumps(known),
        }
        ended = subprocess.run(command, env=environment, timeout=ENDS_WITHIN_S, cwd=place)
        lines.are_answered(base, known, SEED)
        # Whatever was sent, it still works.
        server.done("GET", f"{base}/readyz")
        server.done("GET", f"{base}/api/v1/events?after=0&limit=1000")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
