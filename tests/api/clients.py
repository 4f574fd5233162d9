"""A TypeScript and a Python client are generated from the document and live through one ticket.

What is generated goes under target/ and is never kept.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

import server

HERE = pathlib.Path(__file__).resolve().parent
MADE = server.ROOT / "target/api-clients"


def run(*command, cwd=None, env=None):
    try:
        subprocess.run(command, cwd=cwd, env=env, check=True, timeout=180)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"{command[0]} ended with {failed.returncode}") from None


def typescript(document, arguments):
    place = MADE / "typescript"
    shutil.copytree(HERE / "typescript", place, dirs_exist_ok=True)
    lock = place / "package-lock.json"
    installed = place / "node_modules/installed.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=place)
        shutil.copy(lock, installed)
    tools = place / "node_modules/.bin"
    run(
        tools / "openapi-typescript", document, "-o", place / "paidan.d.ts",
        # A field with a default may be left out.
        "--default-non-nullable=false", cwd=place)  # fmt: skip
    run(tools / "tsc", "--project", place, "--outDir", place / "out", cwd=place)
    run("node", place / "out/life.js", *arguments, cwd=place)


def python(document, arguments):
    tool = pathlib.Path(sys.executable).with_name("openapi-python-client")
    run(
        tool, "generate", "--path", document, "--output-path", MADE / "python", "--overwrite",
        "--meta", "none", "--config", HERE / "python_client.yaml", cwd=MADE,
        # The generator formats with ruff, which lies beside it.
        env={**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    package = MADE / "paidan_client"
    shutil.rmtree(package, ignore_errors=True)
    (MADE / "python").rename(package)
    environment = {**os.environ, "PYTHONPATH": str(MADE)}
    run(sys.executable, HERE / "python_life.py", *arguments, env=environment)


def main():
    MADE.mkdir(parents=True, exist_ok=True)
    document = MADE / "openapi.json"
    with server.serving() as base:
        with urllib.request.urlopen(f"{base}/openapi.json", timeout=10) as answer:
            document.write_bytes(answer.read())
        api = f"{base}/api/v1"
        outlet = server.done("PUT", f"{api}/outlets/PD", {"name": "浦东"})["id"]
        engineers = []
        for code in ("E1", "E2"):
            entry = {"name": code, "outlet": outlet, "capacity": 5}
            engineers.append(server.done("PUT", f"{api}/engineers/{code}", entry)["id"])
            server.done("POST", f"{api}/engineers/{code}/on-duty")
        arguments = [base, outlet, *engineers]
        typescript(document, arguments)
        python(document, arguments)


if __name__ == "__main__":
    main()
