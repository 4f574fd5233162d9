# The firm's rules: what each field means, and what is wrong with one.

rules-file-shipped = The rules as shipped (version 0).
rules-file-version = The rules of the firm, version { $version }.
rules-file-how = After a change: paidan rules check FILE, then paidan rules publish FILE. What is left out is as shipped.

rules-table-hours = Service hours of tickets without an outlet.
rules-table-candidates = Candidates: points for who goes first of those who can.
rules-table-accept = Accepting: how long an engineer may take, and what follows.
rules-table-queue = Queues: how long a ticket waits for a person.
rules-table-work = Work: what is expected of an engineer who has a ticket.
rules-table-close = Closing: the customer's answer and what comes after it.
rules-table-freeze = Freezing: dispatch to an engineer stops after 未解决 (not solved).
rules-table-duplicates = Duplicates: reports of a fault that is known already.
rules-table-board = The board: what stands out.

rules-field-zone = The firm's time zone: its days and weeks begin by it.
rules-field-hours-zone = The time zone of these hours.
rules-field-hours-weekly = The hours of a week, such as "Mon-Fri 08:00-18:00, Sat 09:00-12:00"; empty: at any hour.
rules-field-hours-exceptions = Holidays and working days by 调休, each with its own hours; empty hours are closed.
rules-field-candidates-same-outlet = Points for being of the ticket's own outlet.
rules-field-candidates-free-place = Points for each free place.
rules-field-candidates-taken-place = Points off for each place that is taken.
rules-field-candidates-kilometre = Points off for each kilometre to the ticket; 0: distance does not count.
rules-field-accept-within = An assignment that is not accepted in this time of service goes to somebody else.
rules-field-accept-urgent-within = The same for urgent tickets, at any hour.
rules-field-accept-offer-within = An offer that nobody accepts in this time of service is withdrawn.
rules-field-accept-urgent-offer-within = The same for urgent tickets, at any hour.
rules-field-accept-transfer-within = A transfer that the colleague does not accept in this time stays with the sender.
rules-field-accept-redispatches-max = So often it is dispatched again before it goes to the supervisor's queue.
rules-field-accept-pause-outside-hours = Whether the clock of tickets that are not urgent stands still outside service hours.
rules-field-queue-within = After this time of service in one person's queue it goes to the next.
rules-field-queue-urgent-within = The same for urgent tickets, at any hour.
rules-field-queue-claim-within = An agent who takes a ticket in hand has this time.
rules-field-queue-unassigned-within = A ticket that nobody can be assigned to is told to a person after this time.
rules-field-queue-duplicate-within = A ticket that is linked as a duplicate is looked at again after this time.
rules-field-queue-imported-within = An open case of another system is looked at after this time.
rules-field-work-silent-after = An engineer who accepted and does nothing for this time is asked.
rules-field-work-report-after = This time after that question the supervisor is told.
rules-field-work-hold-default = A hold without an expected date ends after this time.
rules-field-work-hold-max = No hold is longer than this.
rules-field-work-capacity-default = How many tickets an engineer has at once whose entry does not say.
rules-field-close-remind-after = The customer is reminded so long after 完工 (resolved), the shortest first.
rules-field-close-silence-after = Without an answer a ticket is closed so long after 完工 (resolved).
rules-field-close-call-back-within = After 部分解决 (partly solved) an agent calls back within this time.
rules-field-close-undo-within = The customer can take 未解决 (not solved) back for so long.
rules-field-close-reopen-within = A closed ticket can be opened again for so long.
rules-field-freeze-enabled = Whether 未解决 (not solved) freezes the engineer's dispatch until the end of the day.
rules-field-freeze-engineers-min = A freeze never leaves an area with fewer engineers than this; an area that was entered with its own number keeps to that.
rules-field-duplicates-enabled = Whether duplicate reports are looked for at all.
rules-field-duplicates-within = A report is a duplicate only of one that came so long before it, or after it, at most.
rules-field-duplicates-repeat-within = A report is a repeat visit only of one that came so long before it at most.
rules-field-duplicates-sure-percent = From this likeness of the words on, in percent, it is the same fault.
rules-field-duplicates-ask-percent = From this likeness on an agent is asked; not above sure_percent.
rules-field-duplicates-ask-within = So long an agent is asked before the ticket is dispatched; an urgent one never waits.
rules-field-board-red-after = Red: not accepted so long after creation.
rules-field-board-flash-after = Flashing: not resolved so long after creation.
rules-field-board-low-stars = A rating below so many stars goes to the director.

rules-form-span = a span of time in days, hours, minutes, seconds ("1h30m"), from { $least } to { $most }
rules-form-spans = spans of time (["24h", "48h"]), at most { $entries }, each from { $least } to { $most }
rules-form-number = a number from { $least } to { $most }
rules-form-flag = true or false
rules-form-zone = the name of a time zone ("Asia/Shanghai")
rules-form-weekly = weekdays with times
rules-form-days = a list such as [{"{"} date = "2026-10-01", hours = "09:00-12:00" {"}"}]
rules-form-shipped = As shipped: { $value }; { $form }

rules-problem-span = `{ $field }` is { $found }; write a span from { $least } to { $most }
rules-problem-number = `{ $field }` is { $found }; write a number from { $least } to { $most }
rules-problem-zone = `{ $field }` is `{ $found }`, which is not a time zone; write it like `Asia/Shanghai`
rules-problem-too-many = `{ $field }` has { $found } entries; write at most { $most }
rules-problem-not-ascending = `{ $field }` has { $found } after { $before }; write each once, the shortest first
rules-problem-not-below = `{ $field }` has { $found }; write less than `{ $other }`, which is { $limit }
rules-problem-above = `{ $field }` is { $found }; write at most `{ $other }`, which is { $limit }

rules-wrong-syntax = this is not TOML: { $what }; texts and spans stand in quotation marks ("30m"), each field on its own line
rules-wrong-form = `{ $field }` is { $found }; write what it holds: { $form }
rules-wrong-hours = `{ $field }` is { $found }: { $why }
rules-wrong-table = `{ $field }` is { $found }; it is a table: write [{ $field }] and its fields below
rules-wrong-key = `{ $field }` is no field of the rules; write `{ $nearest }`, or take it out
rules-wrong-key-alone = `{ $field }` is no field of the rules; take it out
rules-fine = { $file }: the rules can take effect
rules-problems = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
 }

rules-column-field = field
rules-equal = no difference
rules-what-current = current
rules-what-shipped = shipped
rules-what-version = version { $version }
rules-hold-already = These rules hold already: version { $version }, since position { $position }
rules-hold-shipped = These rules hold already: they are the shipped ones
rules-published = Version { $version } of the rules holds from position { $position } on
rules-timers = Timers that run keep the rules that they were started under.

rules-table-urgent = Urgency: which tickets are urgent, and who is asked.
rules-field-exceptions = Other ways for some tickets: time-outs, how they are dispatched, whose queues they go through. For each the first that names it and whose condition holds wins.
rules-field-urgent-enabled = Whether the rule marks tickets as urgent. What people mark is offered in any case.
rules-field-urgent-when = When the rule holds; looked at with every detail and image until somebody is there.
rules-field-urgent-ask = So many engineers are asked at once: the nearest online, then those on call.
rules-field-urgent-rounds-max = So many offers that nobody accepts, then it goes to the supervisor.
rules-field-urgent-position-within = An engineer's position that is older tells nothing.
rules-form-condition = a condition such as {"{"} all = [{"{"} says = ["停机"] {"}"}, {"{"} images_at_least = 2 {"}"}] {"}"}
rules-form-exceptions = a list such as [{"{"} when = {"{"} priority_at_least = "high" {"}"}, accept_within = "10m" {"}"}], at most { $entries }, spans from { $least } to { $most }
rules-problem-condition = `{ $field }` at `{ $at }` { $problem }
rules-problem-exception-span = `{ $field }` at `{ $at }` is { $found }; write a span from { $least } to { $most }
rules-problem-no-exception = `{ $field }` at `{ $at }` changes nothing; write what, such as accept_within = "15m"
rules-problem-queue-path = `{ $field }` at `{ $at }` cannot be gone; write some of supervisor, deputy and director, in this order, with director at the end
rules-problem-too-long = `{ $field }` takes { $found } bytes with all conditions; write fewer, up to { $most } bytes
condition-problem-empty = has no condition; write at least one, or take the group out
condition-problem-too-deep = stands { $found } deep; nest at most { $most } deep
condition-problem-too-many = has { $found } conditions; write at most { $most }
condition-problem-entries = has { $found } entries; write 1 to { $most }
condition-problem-letters = has an entry of { $found } letters; write 1 to { $most }
condition-problem-number = is { $found }; write a number from { $least } to { $most }
condition-problem-no-words = asks what the description says, which no time-out can depend on; ask for something else
rules-wrong-condition = { $found }: { $why }
rules-wrong-condition-key = `{ $found }` is no condition; write `{ $nearest }`
cel-problem-empty = is empty; write an expression, such as images >= 2
cel-problem-too-long = has { $found } bytes; write at most { $most }, or several conditions within `all` or `any`
cel-problem-nested = is nested too deep at { $at }; write at most { $brackets } brackets or ? and { $operators } operators within each other, or several conditions within `all` or `any`
cel-problem-outside = has `{ $found }` outside quotation marks at { $at }; write words within "…", and names, brackets and commas as on an English keyboard
cel-problem-syntax = cannot be read at { $at }: { $what }
cel-problem-unknown = asks for `{ $name }` at { $at }, which there is not; write one of { $known }
cel-problem-function = calls `{ $name }` at { $at }, which there is not; write one of { $known }
cel-problem-call = calls `{ $name }` at { $at } as it cannot be called; write it like { $example }
cel-problem-refused = uses { $what } at { $at }, which conditions do not have; write comparisons with && || ! and ? :, whole numbers with + - * / %, lists behind in, and { $known }
cel-problem-kinds = has { $found } at { $at }, which does not go together; compare like with like
cel-problem-never = has "{ $found }" for { $kind } at { $at }, which it never is; write it like { $example }
cel-problem-no-answer = is { $found }, not true or false; compare it, as in images >= 2
cel-problem-unreadable = cannot be read at all; write it in another way, or as a tree of conditions
cel-problem-no-thread = could not be read, as the system starts no thread now; try again
