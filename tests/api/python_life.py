"""One ticket's life through the Python client that is generated from the document."""

import sys
import time

from paidan_client import Client
from paidan_client.api.agent import note_ticket
from paidan_client.api.customer import confirm_ticket, create_ticket, get_ticket
from paidan_client.api.engineer import (
    accept_ticket,
    arrive_at_ticket,
    depart_for_ticket,
    resolve_ticket,
)
from paidan_client.models import (
    Accept,
    Arrive,
    Confirm,
    Create,
    Depart,
    Note,
    ReceiptView,
    Resolve,
    ResolutionMethod,
    TakenByProblem,
    TicketAnswer,
    Verdict,
)

base, outlet, engineer, other = sys.argv[1:]
client = Client(base_url=base)


def done(what, answer):
    if not isinstance(answer, (ReceiptView, TicketAnswer)):
        raise SystemExit(f"{what}: {answer}")
    return answer


report = Create(sentence="冲床咔哒两声就停了", outlet=outlet)
created = done("create", create_ticket.sync(client=client, body=report, idempotency_key="python-1"))

# Who gets it is the dispatcher's decision; that it has been made is waited for, within a bound.
end, owner = time.monotonic() + 10, None
while owner is None and time.monotonic() < end:
    ticket = done("read", get_ticket.sync(created.id, client=client))
    owner = ticket.assignment.engineer if ticket.assignment else None
if owner is None:
    raise SystemExit("nobody was assigned")
loser = other if owner == engineer else engineer


def act(verb, body):
    return verb.sync(created.id, client=client, body=body)


done("accept", act(accept_ticket, Accept(engineer=owner)))
late = act(accept_ticket, Accept(engineer=loser))
if not isinstance(late, TakenByProblem) or late.winner != owner:
    raise SystemExit(f"the loser was told {late}")
done("depart", act(depart_for_ticket, Depart(engineer=owner)))
done("arrive", act(arrive_at_ticket, Arrive(engineer=owner)))
done("note", act(note_ticket, Note(words="油管老化")))
done("resolve", act(resolve_ticket, Resolve(method=ResolutionMethod.ON_SITE, words="更换油管")))
receipt = done("confirm", act(confirm_ticket, Confirm(verdict=Verdict.SATISFIED, stars=5)))
if receipt.state != "closed":
    raise SystemExit(f"it is {receipt.state}")
print(f"{created.number} was closed through the Python client")
