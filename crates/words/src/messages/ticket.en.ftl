# The page of a ticket, and its history.

ticket-title = Ticket { $number }
ticket-urgent = urgent
ticket-priority = priority { $priority }
ticket-level = level { $level }
ticket-imported = imported
ticket-next = What happens next
ticket-age = reported { $age } ago
ticket-reported = Report
ticket-reported-nothing = No words were left
ticket-owner = Now with
ticket-owner-since = { $who } (since { $since })
ticket-not-accepted = not accepted yet
ticket-helpers = Helpers
ticket-passed = Let it pass in this round
ticket-left-out = Left out
ticket-answer = Customer’s answer
ticket-counters = How often
ticket-count-assignments = assigned
ticket-count-time-outs = timed out in this round
ticket-count-urges = urged
ticket-count-reopened = opened again
ticket-related = Related tickets
ticket-merged-into = Merged into
ticket-merged-from = Merged into this one
ticket-duplicate-of = The same fault as
ticket-allowed = Can be done now
ticket-allowed-nothing = Nothing
ticket-history = History
ticket-history-order = newest first
ticket-filter = Show only
ticket-all = All
ticket-hidden = { $count ->
    [one] 1 event is
   *[other] { $count } events are
} hidden by the filter
ticket-none = No such event
ticket-newer = Newer
ticket-older = Older
ticket-recorded = recorded { $at }
ticket-place = position { $position } · event { $version }
ticket-cause = caused by position { $position }
ticket-details = Details
ticket-why = Why this result
ticket-why-rule = Rule
ticket-why-rule-set = Version of the rules
ticket-why-shipped = as shipped
ticket-why-candidates = Candidates
ticket-why-candidates-of = Candidates (the first { $shown } of { $total })
ticket-why-score = Score
ticket-why-passed-over = Passed over
ticket-number-label = Ticket number
ticket-number-find = Find
ticket-number-title = No such ticket
ticket-number-unknown = There is no ticket { $number }. Please read the number again: its last digit is a check, as in 12345-7.
ticket-changed = Something happened, show it
