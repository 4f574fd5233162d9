"""What schemathesis is told of this API beyond its document.

Ids exist: most requests that fit name something of the seeded firm, or no request would get past
`not-found`. Texts with a grammar of their own have a format in the document and a strategy here.
"""

import itertools
import json
import os

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

COUNT = itertools.count()
KNOWN = json.loads(os.environ["PAIDAN_KNOWN"])

schemathesis.openapi.format(
    "weekly-hours",
    st.sampled_from(["", "Mon-Fri 08:00-18:00", "周一 22:00-06:00; Sat,Sun 00:00-24:00"]),
)
schemathesis.openapi.format("day-hours", st.sampled_from(["", "09:00-12:00 14:00-18:00"]))
schemathesis.openapi.format(
    "rfc-3339", st.sampled_from(["2026-03-01T08:30:00+08:00", "2020-02-29T23:59:59.5Z"])
)
schemathesis.openapi.format("time-zone", st.sampled_from(["Asia/Shanghai", "UTC"]))


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(context, value):
    """Whatever was made is bytes of a file."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


# Refusals of what a schema cannot say: of fields together, of a check digit, of a cursor that is not
# ours; and of `1.0`, which JSON Schema takes for an integer and JSON's readers do not.
BEYOND = (
    "choose one of red",
    "days; ask for at most",
    "comes before",
    "check digit",
    "query: after:",
    "query: as_of:",
    "query: as_of_by:",
    "invalid type: floating point",
    "say at which byte",
    "write the file's length",
    "say which method is meant",
    "has two entries; write all its hours in one",
    # The names of conditions stand in the words of their schema.
    "expected one of `all`, `any`, `not`",
)


def fits(case, part):
    """Whether what was made for a part of the request fits its schema."""
    component = case.meta.components.get(part) if case.meta else None
    return component is not None and component.mode.is_positive


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes what fits name something that there is."""
    if fits(case, ParameterLocation.PATH):
        for kind, ids in KNOWN.items():
            if f"/{kind.lower()}s/{{id}}" in case.operation.path and next(COUNT) % 4:
                case.path_parameters["id"] = ids[next(COUNT) % len(ids)]
    # For a later position than there is a read waits 2 s, and answers 503 by design.
    # After the log's end nothing can be looked back to.
    for name in ("min_position", "as_of"):
        if fits(case, ParameterLocation.QUERY) and str((case.query or {}).get(name, "")).isdigit():
            case.query[name] = int(case.query[name]) % 10


@schemathesis.check
def what_fits_the_document_can_be_read(context, response, case):
    """A request that fits is perhaps refused by the rules, and never as one that makes no sense."""
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or response.status_code < 400:
        return
    # The refusal of a HEAD is a status alone.
    if not response.content:
        return
    kind = (response.json() or {}).get("type", "")
    unreadable = ("bad-path", "bad-query", "bad-header", "broken-json", "wrong-body", "not-json")
    beyond = any(words in response.text for words in BEYOND)
    # What has quotes in its pattern comes out empty in the coverage phase, and is taken for fitting.
    if "header if-match" in response.text and not response.request.headers.get("If-Match"):
        return
    if kind.rsplit(":", 1)[-1] in unreadable and not beyond:
        raise AssertionError(f"it fits the document and was refused: {response.text[:300]}")
