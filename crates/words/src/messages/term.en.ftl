# Terms: one word per concept.

state-call-back = call back
state-claimed = with an agent
state-waiting = waiting
state-offered = offered
state-assigned = assigned
state-working = working
state-on-hold = on hold
state-queued = queued
state-duplicate = duplicate
state-resolved = resolved
state-imported = imported
state-closed = closed
state-merged = merged
state-cancelled = cancelled

stage-accepted = accepted
stage-departed = on the way
stage-arrived = on site

priority-low = low
priority-normal = normal
priority-high = high
priority-critical = critical

queue-call-back = call-back queue
queue-supervisor = area supervisor
queue-deputy = deputy
queue-director = service director

queue-reason-empty-report = empty report
queue-reason-partly-solved = partly solved, call back
queue-reason-contradicting-answers = contradicting answers
queue-reason-rounds-exhausted = nobody accepted in any round
queue-reason-nobody-available = nobody available
queue-reason-nobody-accepted = nobody took the offer
queue-reason-owner-silent = accepted, then silent
queue-reason-escalated = escalated

hold-waiting-for-parts = waiting for parts
hold-waiting-for-customer = waiting for the customer
hold-customer-absent = customer absent
hold-waiting-for-approval = waiting for approval

method-by-phone = by phone
method-remotely = remotely
method-on-site = on site
method-by-itself = by itself

verdict-satisfied = satisfied
verdict-partial = partly solved
verdict-unresolved = not solved

span-days = { $days } d
span-hours = { $hours } h
span-minutes = { $minutes } min
time-left = { $span } left
time-over = { $span } over
