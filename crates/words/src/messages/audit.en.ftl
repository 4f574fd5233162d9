# What audits of attachments say.

audit-class-intact = intact
audit-class-damaged = damaged
audit-class-missing = missing
audit-class-quarantined = in quarantine
audit-class-removed = out of view
audit-class-erased = erased on purpose
audit-class-never_arrived = never arrived
audit-class-orphan = named by no event
audit-class-stranger = no attachment
audit-how-withdrawn = taken back
audit-how-timed_out = not accepted in time
audit-how-declined = declined
audit-how-returned = given back
audit-how-transferred = transferred
audit-how-escalated = escalated
audit-how-reopened = opened again
audit-how-resolved = done
audit-why-removed = out of view before the handover
audit-why-quarantined = in quarantine at the handover
audit-why-erased = erased before the handover
audit-why-missing = missing now
audit-why-damaged = damaged now
audit-title = Audit of attachments
audit-class = class
audit-count = count
audit-hash = hash
audit-bytes = bytes
audit-type = type
audit-tickets = tickets
audit-since = named at (UTC)
audit-by = sent by
audit-detail = found
audit-path = where
audit-ticket = ticket
audit-position = position
audit-at = time (UTC)
audit-who = who
audit-what = what
audit-from = from
audit-to = to
audit-how = how
audit-lacked = lacked
audit-as-of = as of position { $position }, recorded { $time } UTC
audit-whole = { $deep ->
    [yes] nothing is lost; every byte was hashed
   *[no] nothing is lost, by size; --deep hashes every byte
}
audit-lost = LOST: { $missing } missing, { $damaged } damaged
audit-left-out = { $count ->
    [one] and { $count } more; --csv and --json list all
   *[other] and { $count } more; --csv and --json list all
}
audit-handovers = handovers: { $complete } of { $handovers } with every attachment that the one before had
audit-recorded = recorded at position { $position }
audit-found-bytes = { $count } bytes
audit-found-hash = hashes to { $hash }
audit-name-erased = (its name was erased)
audit-found-bytes-left = its bytes are still there
custody-linked = ticket { $ticket } names it; sent by { $by } ({ $via }) from { $from } to { $until }
custody-assigned = ticket { $ticket } is { $engineer }'s
custody-released = ticket { $ticket } leaves { $engineer }: { $how }
custody-transferred = ticket { $ticket } goes from { $from } to { $to }
custody-merged = ticket { $ticket } goes on in { $into }
custody-escalated = ticket { $ticket } is escalated to level { $level }
custody-reopened = ticket { $ticket } is opened again
custody-opened = { $by } opened it, times: { $times }
custody-removed = out of view in ticket { $ticket }
custody-quarantined = in quarantine: { $why }
custody-cleared = may be shown again
custody-erased = erased on purpose
custody-cut = there is more than is told
gc-orphans = { $dry ->
    [yes] would remove { $count } that no event names ({ $size })
   *[no] removed { $count } that no event names ({ $size })
}
gc-kept = kept { $count } that are younger than asked for, or were touched
gc-erased = { $dry ->
    [yes] would finish { $count } erasures
   *[no] finished { $count } erasures
}
gc-unfinished = removed { $count } uploads that nobody finished in time
gc-strangers = left { $count } files alone that are no attachments
log-backup-attachments = attachments in it: { $count }; copied now: { $copied } ({ $size })
log-backup-attachments-lost = LOST: { $count } attachments are missing or damaged and were not copied: { $hashes }
log-restored-attachments = attachments brought back: { $copied } of { $named }
log-restored-no-attachments = the backup has no attachments: it is older than they are, or was made without them
