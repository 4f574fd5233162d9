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
queue-reason-approval-needed = the rules have a person decide who goes
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

channel-api = API
channel-page = web page
channel-phone = telephone
channel-chat = chat
channel-on-site = on site
channel-import = import

withdraw-by-hand = by hand
withdraw-reassigned = goes to somebody else
withdraw-offered-instead = offered to several instead
withdraw-ticket-ended = the ticket ended
withdraw-escalated = escalated

link-duplicate = the same fault, not dispatched of its own
link-repeat-visit = repeat visit
link-split = split
link-related = related
link-suspected = perhaps the same fault, an agent is asked

notice-not-accepted-in-time = not accepted in time
notice-nobody-available = nobody available
notice-in-your-queue = a ticket waits for you
notice-unresolved = the customer answered “not solved”
notice-low-rating = low rating
notice-owner-silent = accepted, then silent
notice-what-is-the-state = please say how it stands
notice-urged = the customer urges
notice-no-longer-yours = the ticket is no longer yours
notice-please-confirm = please answer whether it was solved
notice-now-urgent = the ticket is urgent now

recipient-customer = the customer
recipient-agents = the agents

rule-by-hand = chosen by hand
rule-first-to-accept = first to accept
rule-least-loaded = least loaded
rule-nearest-online = nearest online

filter-other-area = of another area
filter-lacks-skill = lacking a skill
filter-off-duty = off duty
filter-on-leave = on leave
filter-frozen = frozen
filter-no-free-place = without a free place
filter-passed-before = let it pass in this round
filter-left-out = left out of this ticket

common-device = same device
common-contact-and-place = same contact and place
common-contact = same contact
common-place = same place
common-customer = same customer

duty-by-hand = by hand
duty-roster = by roster

offline-signed-out = signed out
offline-lease-ended = not heard of

upload-tus = resumable upload
upload-form = form
upload-put = single upload
upload-text = long text

freed-timed-out = not accepted in time
freed-declined = declined
freed-returned = given back
freed-withdrawn = taken back
freed-transferred = transferred
freed-resolved = done
freed-ticket-ended = the ticket ended

outcome-satisfied = the customer is satisfied
outcome-by-agent = closed by hand
outcome-by-silence = no answer, not counted as satisfied
outcome-imported = closed in another system

imported-open = opened
imported-active = in progress
imported-held = on hold
imported-resolved = done

category-customer = Customer
category-dispatch = Dispatch
category-work = Work
category-limits = Time limits
category-messages = Messages
category-system = System

verb-create = report
verb-details = add details
verb-claim = take in hand
verb-end-claim = end the claim
verb-offer = offer
verb-expire-offer = end the offer
verb-assign = assign
verb-accept = accept
verb-decline = decline
verb-return = give back
verb-transfer = transfer
verb-accept-transfer = take over
verb-end-transfer = end the transfer
verb-time-out = time out
verb-withdraw = take back
verb-depart = set out
verb-arrive = arrive
verb-hold = put on hold
verb-resume = resume
verb-appoint = agree on a visit
verb-miss-appointment = record a missed visit
verb-add-helper = add a helper
verb-remove-helper = remove a helper
verb-note = add a note
verb-remove-attachment = remove an attachment
verb-urge = urge
verb-resolve = resolve
verb-remind = remind the customer
verb-confirm = confirm
verb-reject = not solved
verb-retract-answer = take the answer back
verb-close-by-silence = close by silence
verb-close = close
verb-reopen = reopen
verb-escalate = escalate
verb-to-supervisor = to the supervisor
verb-escalate-queue = to the next in the ladder
verb-defer = defer
verb-ask-owner = ask the owner
verb-report-silence = report silence
verb-merge = merge
verb-link = link
verb-unlink = unlink
verb-cancel = cancel
verb-import = import

notice-few-to-ask = fewer engineers could be asked at once than the rules want
filter-offline = not online
filter-no-fresh-position = no position, or too old a one
verb-mark-urgent = mark as urgent by the rule
