# Histories: what happened. One sentence per event.

clause-because = { $what }: { $why }
clause-due-somebody = somebody must have it by { $due }
clause-due-accept = to be accepted by { $due }
clause-due-handle = to be handled by { $due }
clause-due-answer = to be answered by { $due }
clause-due-ask = asked at { $due } if nothing is heard
clause-nth = {" "}({ $nth } time)
clause-urgent = urgent
clause-not-urgent = no longer urgent
clause-priority = priority { $priority }
clause-stars = { $stars ->
    [one] 1 star
   *[other] { $stars } stars
}
clause-chosen = { $rule } of { $candidates ->
    [one] 1 candidate
   *[other] { $candidates } candidates
}
clause-passed-over = passed over: { $filtered }
clause-filter = { $count } { $filter }
clause-people-more = { $names } and others, { $count } in all
clause-window = { $from } to { $until }
entry-dispatch = goes to dispatch, somebody must have it by { $due }
entry-queue = goes to { $queue }: { $reason }; to be handled by { $due }
queue-of = the queue of { $who }
queue-of-agents = the call-back queue
words-erased = the words were erased
unnamed = unnamed
erased = erased

event-created = Reported ({ $channel })
event-details-added = Details added
event-claimed = { $who } took it in hand
event-claim-ended = The claim ended without a result
event-offered = Offered{ $nth } to { $engineers }
event-offer-declined = { $engineer } does not want the offer
event-offer-expired = The offer ended, nobody accepted
event-offer-withdrawn = Offer taken back: { $why }
event-assigned = Assigned to { $engineer }{ $nth }
event-assigned-offer = { $engineer } got it by accepting the offer first{ $nth }
event-assigned-transfer = Transferred to { $engineer }{ $nth }
event-accepted = { $engineer } accepted
event-declined = { $engineer } declined
event-returned = { $engineer } gave it back
event-timed-out = { $engineer } did not accept in time
event-withdrawn = Taken back from { $engineer }: { $why }
event-transfer-requested = { $engineer } was asked to take it over
event-transfer-ended = { $engineer } did not take it over; the owner stays
event-transferred = { $from } handed it over to { $to }
event-departed = On the way
event-arrived = On site
event-held = On hold: { $reason }; comes back at { $until }
event-resumed = Work goes on
event-appointed = Visit agreed: { $window }
event-appointment-missed = Visit missed: nobody was there by { $until }
event-helper-added = { $engineer } helps
event-helper-removed = { $engineer } no longer helps
event-noted = Note
event-attachment-removed = An attachment was taken out of view
event-urged = The customer urges{ $nth }
event-resolved = Done, { $method }; closed without an answer by { $closes }
event-resolved-by = { $engineer } is done, { $method }; closed without an answer by { $closes }
event-reminded = Customer reminded to answer{ $nth }; still nothing: reminded again or closed at { $due }
event-confirmed = The customer answered: { $verdict }
event-rejected = The customer answered: { $verdict }
event-rejected-undo = can be taken back by { $until }
event-answer-retracted = The customer took “not solved” back; without an answer reminded or closed at { $due }
event-answer-flagged = Answer from the login of { $engineer }, not counted: { $verdict }
event-answer-contradicted = A later answer contradicts the first: { $verdict }; the first binds, an agent looks at it
event-escalated = Escalated to level { $level }
event-escalated-without = { $engineer } is left out from now on
event-dispatch-deferred = Nobody can go now; dispatched as soon as somebody can, a person looks at it from { $due }
event-queued = Goes to { $queue }: { $reason }
event-owner-asked = Accepted and silent since; asked. The supervisor is told at { $due } if nothing is heard
event-silence-reported = Still silent, reported to the supervisor; the ticket stays. Asked again at { $due }
event-told = Notice for { $whom }: { $notice }
event-merged = Merged into ticket { $ticket }, goes on there
event-merged-from = Ticket { $ticket } was merged into this one
event-linked = Linked with ticket { $ticket }: { $kind }
event-linked-due = a person looks at it at { $due }
event-unlinked = No longer linked with ticket { $ticket }
event-cancelled = Cancelled, nobody needs to come
event-closed = Closed by hand
event-closed-by-silence = Closed, the customer did not answer; { $reminders ->
    [one] 1 reminder
   *[other] { $reminders } reminders
}, not counted as satisfied
event-reopened = Opened again
event-imported-opened = Other system: opened
event-imported-assigned = Other system: assigned to { $whom }
event-imported-assigned-nobody = Other system: assigned
event-imported-reassigned = Other system: reassigned to { $whom }
event-imported-reassigned-nobody = Other system: reassigned
event-imported-started = Other system: in progress
event-imported-held = Other system: on hold, { $reason }
event-imported-resolved = Other system: done
event-imported-closed = Other system: closed
event-imported-attachments =
    { $count ->
        [one] Other system: named { $count } attachment; the file did not come with the history
       *[other] Other system: named { $count } attachments; the files did not come with the history
    }
event-imported-reopened = Other system: opened again

event-profile-set = Engineer’s entry: { $name }
event-profile-retired = Engineer’s entry: { $name }, no longer with the firm
event-duty-started = On duty ({ $source })
event-duty-ended = Off duty ({ $source })
event-leave-set = On leave: { $window }
event-leave-cancelled = Leave cancelled
event-on-call-set = On call until { $until }
event-on-call-ended = No longer on call
event-went-online = Online
event-went-offline = Offline ({ $why })
event-moved = New position
event-place-taken = Ticket { $ticket } takes a place
event-place-freed = Ticket { $ticket } frees its place: { $why }
event-frozen-unresolved = Frozen until { $until }: the customer of ticket { $ticket } answered “not solved”
event-frozen-by-hand = Frozen by hand until { $until }
event-unfrozen-lifted = Freeze lifted
event-unfrozen-retracted = Freeze ended: the customer of ticket { $ticket } took the answer back
event-customer-set = Customer’s entry: { $name }
event-device-set = Device’s entry: { $name }
event-outlet-set = Outlet’s entry: { $name }
event-area-set = Area’s entry: { $name }
event-rule-set-published = Version { $version } of the rules takes effect
event-attachment-linked = Attachment of ticket { $ticket }, sent by { $who } ({ $via })
event-attachment-quarantined = In quarantine: shown to nobody until it is released
event-attachment-released = Released from quarantine
event-attachment-erased = Content erased for good
event-attachment-opened = { $who } opened it, { $times ->
    [one] once
   *[other] { $times } times
}
event-attachments-audited = Attachments audited up to position { $position }: { $named } named, { $intact } intact, { $damaged } damaged, { $missing } missing
event-attachments-audited-deep = every byte was checked
event-log-created = Log made
event-epoch-raised = Log restored up to position { $kept }; epoch { $epoch }

detail-customer = Customer
detail-outlet = Outlet
detail-area = Area
detail-device = Device
detail-skills = Skills needed
detail-priority = Priority
detail-contact = Contact
detail-place = Place
detail-position = Position
detail-attachments = Attachments
detail-engineers = Offered to
detail-fault-type = Fault type
detail-compared = Compared with
detail-compared-with = { $ticket }: { $ground }, words { $percent }% alike
detail-cause = Cause
detail-parts = Parts
detail-engineer = Engineer
detail-reminder = Next reminder
detail-code = Code
detail-capacity = Places
detail-roster = Roster
detail-phone = Telephone
detail-warranty = Warranty until
detail-hours = Service hours
detail-supervisor = Area supervisor
detail-deputy = Deputy
detail-director = Service director
detail-engineers-min = Engineers at least
detail-zone = Time zone
detail-log = Log
detail-hash = Fingerprint
detail-name = Name
detail-media-type = Media type
detail-bytes = Bytes
detail-pixels = Pixels
detail-seconds = Seconds
detail-taken = Taken, by its own account
detail-uploaded = Uploaded
detail-readers = Opened by
detail-removed = Out of view
detail-quarantined = In quarantine
detail-erased = Erased
detail-never-arrived = Never arrived from another system
detail-orphans = Named by nothing
attachments-count = { $count }

who-nobody = unnamed
who-customer = customer { $name }
who-engineer = engineer { $name }
who-agent = agent { $name }
who-supervisor = supervisor { $name }
who-director = director { $name }
who-administrator = administrator { $name }
who-dispatcher = dispatcher
who-gateway = system
who-import = import
who-for = { $who } (for { $other })
who-claimed = not verified
who-in-post = the { $role }
who-ticket = ticket { $name }
who-outlet = outlet { $name }
who-area = area { $name }
who-device = device { $name }
who-rules = rules
who-attachment = attachment { $name }
who-audit = audits
who-log = log

event-marked-urgent = Urgent by rule (version { $version }): { $met }
event-marked-urgent-priority = priority now { $priority }
finding-says = the description says “{ $what }”
finding-images = { $count ->
    [one] { $count } image
   *[other] { $count } images
}
finding-calm = not urgent
finding-priority = priority { $what }
finding-channel = came in by { $what }
finding-area = area { $what }
finding-outlet = outlet { $what }
finding-device-model = device { $what }
finding-within-hours = within the hours of the rule
finding-cel = it is true that { $what }
finding-none-of = nothing that the rule excludes

sentence-labelled = { $label }: { $value }
sentence-rule = Rule: { $rule } (rules: { $version })
sentence-candidates = Candidates with scores, { $total } in all: { $candidates }
