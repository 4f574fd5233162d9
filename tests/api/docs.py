"""Every line of docs/api.md is run, one after the other, against a fresh server.

A line that is to be refused says so in a comment of its own before it: `# refused: 409`. Every
other line has to succeed. `P` is the address of the server.
"""

import re
import shlex
import subprocess

import server

DOCUMENT = server.ROOT / "docs/api.md"
# Says the status of each request after its body, and so that no text of an answer looks like it.
MARK = "\x1e"
CURL = f'curl() {{ command curl --write-out "{MARK}%{{http_code}}{MARK}" --output /dev/fd/2 "$@"; }}'


def blocks():
    """Each block of shell with the line at which it begins."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for found in re.finditer(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 2, found.group(1)


def main():
    ran = 0
    with server.serving() as base:
        shell = ["bash", "-c", None]
        kept = f"P={shlex.quote(base)}\n"
        for first, block in blocks():
            refused = None
            for number, line in enumerate(block.splitlines(), first):
                announced = re.match(r"# refused: ([0-9]{3})", line)
                if announced:
                    refused = int(announced.group(1))
                elif line and not line.startswith("#"):
                    kept += run(shell, kept, line, number, refused)
                    refused, ran = None, ran + 1
    if ran < 40:
        raise SystemExit(f"only {ran} lines were found in {DOCUMENT.name}")
    print(f"{ran} lines of {DOCUMENT.name} ran")


def run(shell, kept, line, number, refused):
    """Runs a line; answers with the assignment in it, for the lines after it."""
    assigned = re.match(r"([A-Z][A-Z0-9]*)=\$\(", line)
    if assigned:
        # Its output is the value: asked as it stands, and the value has to be something.
        value = subprocess.run(
            [*shell[:2], f"{kept}{line}\nprintf %s \"${assigned.group(1)}\""],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        if value.returncode != 0 or not value.stdout:
            raise SystemExit(f"docs/api.md:{number}: {line}\ngives nothing; {value.stderr}")
        return f"{assigned.group(1)}={shlex.quote(value.stdout)}\n"
    told = subprocess.run(
        [*shell[:2], f"{kept}{CURL}\n{line}"], capture_output=True, text=True, timeout=60,
        cwd=server.ROOT,
    )
    statuses = [int(status) for status in re.findall(f"{MARK}([0-9]{{3}}){MARK}", told.stdout)]
    # A stream does not end; curl is told to stop listening and says 28.
    stopped = "--max-time" in line and told.returncode == 28
    if told.returncode != 0 and not stopped or not statuses:
        raise SystemExit(f"docs/api.md:{number}: {line}\nended with {told.returncode}: {told.stderr}")
    for status in statuses:
        if (status != refused) if refused else status >= 400:
            raise SystemExit(f"docs/api.md:{number}: {line}\nanswers {status}: {told.stderr[-600:]}")
    return ""


if __name__ == "__main__":
    main()
