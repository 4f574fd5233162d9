# The live board.

board-title = Live board
board-clock = Server time ({ $zone })
board-live = live
board-waiting = reconnecting…
board-updates-one = 1 update
board-updates-many = { $count } updates

board-attachments-lost = { $count ->
    [one] { $count } attachment is missing or damaged: run
   *[other] { $count } attachments are missing or damaged: run
}

counters-title = Overview
counter-open = open tickets
counter-backlog = not completed
counter-overdue = overdue
counter-red = not accepted for { $span }
counter-flashing = not completed for { $span }
counter-created = reported today
counter-completed = completed today
counter-low = low ratings today

top-title = Backlog TOP 10
top-order = overdue first, then by priority and age
top-empty = No backlog: every ticket is completed.
queue-title = To be taken
queue-order = what is due next comes first
queue-empty = Nothing waits to be taken.
list-total = { $count } in all
list-more = { $count } more

mark-red = not accepted for { $span }
mark-flashing = not completed for { $span }
mark-urgent = urgent
mark-overdue = overdue
row-age = { $span } old
row-ticket = Ticket { $number }
row-offered = offered to { $count }
row-agent = an agent
row-nobody = nobody’s yet
no-outlet = no outlet
unknown-outlet = unknown outlet
unknown-person = name erased

engineers-title = Engineers’ load
engineers-order = frozen first, then the busiest
engineers-empty = There are no engineers yet.
engineers-total = { $count } in all
engineers-more = { $count } more
engineers-name = Engineer
engineers-state = State
engineers-load = Load
load-words = { $taken } of { $capacity } places taken: { $assigned } assigned, { $accepted } working, { $held } on hold
load-figures = { $taken }/{ $capacity }
duty-on = on duty
duty-off = off duty
duty-leave = on leave
duty-on-call = on call
online-yes = online
online-no = offline
frozen-unresolved = frozen until { $until } · not solved
frozen-by-hand = frozen until { $until } · by hand

satisfaction-title = Satisfaction by outlet
satisfaction-days = last { $days } days
satisfaction-empty = No customer has answered lately.
satisfaction-outlet = Outlet
satisfaction-answers = Answers
satisfaction-silence = Closed unanswered
satisfaction-words = satisfied { $satisfied }, partly solved { $partial }, not solved { $unresolved }
satisfaction-note = What was closed without an answer is no part of satisfaction.
satisfaction-more = { $count } more outlets

lifecycle-title = The day so far
lifecycle-note = tickets per hour
lifecycle-step = Step
lifecycle-hour = { $hour }:00
lifecycle-created = reported
lifecycle-accepted = accepted
lifecycle-completed = completed
lifecycle-rated = rated
lifecycle-total = total
