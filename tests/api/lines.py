"""Lines of `POST /api/v1/commands`, made from the document's own examples and then broken at random:
each is answered, in order, in a way that the document has."""

import json
import random
import re
import urllib.request

LINES = 2_000
COMMAND = re.compile(r"/api/v1/(ticket|engineer)s/\{id\}/([a-z-]+)$")


def commands(document):
    """What a line can ask: the kind of stream, the verb and an example of its body."""
    yield None, "create", {"sentence": "冲床咔哒两声就停了"}
    for path, item in document["paths"].items():
        found = COMMAND.match(path)
        if found and "post" in item:
            body = item["post"]["requestBody"]["content"]["application/json"]
            yield *found.groups(), body["example"]


def broken(chance, line):
    """The line with some bytes of it changed, lost or repeated; sometimes not at all."""
    line = bytearray(line)
    while line and chance.random() < 0.4:
        at = chance.randrange(len(line))
        match chance.randrange(3):
            case 0:
                line[at] = chance.randrange(256)
            case 1:
                del line[at : at + chance.randrange(1, 20)]
            case 2:
                line[at:at] = line[at : at + 20]
    return bytes(line).replace(b"\n", b" ")


def made(chance, known, choices):
    kind, verb, example = chance.choice(choices)
    line = {"verb": verb, "body": dict(example), "key": f"line-{chance.randrange(LINES * 2)}"}
    if kind:
        line[kind] = chance.choice(known[kind.capitalize()])
    if chance.random() < 0.3:
        line["actor"] = f"engineer:{chance.choice(known['Engineer'])}"
    if chance.random() < 0.2:
        line["if_version"] = chance.randrange(6)
    if chance.random() < 0.1:
        line["occurred_at"] = chance.choice(["2026-03-01T08:30:00+08:00", "yesterday", 7])
    return broken(chance, json.dumps(line, ensure_ascii=chance.random() < 0.5).encode())


def are_answered(base, known, seed):
    with urllib.request.urlopen(f"{base}/openapi.json", timeout=10) as answer:
        document = json.loads(answer.read())
    chance = random.Random(seed)
    choices = list(commands(document))
    lines = [made(chance, known, choices) for _ in range(LINES)]
    request = urllib.request.Request(
        f"{base}/api/v1/commands", b"\n".join(lines), {"Content-Type": "application/x-ndjson"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answers = [json.loads(line) for line in answer.read().splitlines()]

    schemas = document["components"]["schemas"]
    refused = schemas["BulkAnswer"]["properties"]["problem"]["oneOf"]
    names = [choice["$ref"].rsplit("/", 1)[1] for choice in refused]
    kinds = {schemas[name]["properties"]["type"]["const"]: name for name in names}
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    if [answer["line"] for answer in answers] != numbers:
        raise SystemExit(f"{len(numbers)} lines got {len(answers)} answers, or in another order")
    seen = {}
    for answer in answers:
        line, status = lines[answer["line"] - 1], answer["status"]
        if status >= 500 or ("receipt" in answer) != (status < 300):
            raise SystemExit(f"{line!r} is answered with {answer}")
        if "problem" in answer:
            problem = answer["problem"]
            if problem["type"] not in kinds or problem["status"] != status:
                raise SystemExit(f"{line!r} is answered as the document does not say: {answer}")
            missing = set(schemas[kinds[problem["type"]]]["required"]) - set(problem)
            if missing:
                raise SystemExit(f"{problem} lacks {missing}")
        seen[status] = seen.get(status, 0) + 1
    if not {200, 201, 400, 404, 409, 422} <= set(seen):
        raise SystemExit(f"the lines reach too little: {seen}")
    print(f"{len(answers)} lines were answered: {seen}")
