# What every page has.

product-name = Paidan
page-title = { $title } · Paidan
skip-to-content = Skip to content
nav-label = Main navigation
nav-board = Board
nav-api = API
switch-language = 中文
switch-language-label = Switch to Chinese
theme-label = Theme
theme-auto = as the system
theme-light = light
theme-dark = dark
simulated = Demo: an invented firm; time runs { $speed } times as fast (seed { $seed })
not-found-title = No such page
not-found-text = There is nothing here. Begin at the board, or check the address.
failed-title = Something went wrong
failed-text = The server could not make this page. Try again in a moment; if it stays, look into the server's log.
back-to-board = Back to the board

# Looking back.
past-look = Look back
past-moment = As of
past-by-recorded = by what was known then
past-by-occurred = by what had happened then
past-show = Show
past-back = Back to now
past-recorded = The past: as of { $time }, by what was known then (position { $position }). Nothing changes here.
past-occurred = The past: as of { $time }, by what had happened then, as the log tells it up to position { $position }. Nothing changes here.
past-refused-title = That moment cannot be shown
past-refused-text = Choose a moment up to now, with date and time, or a position of the log.
past-busy-title = The past is being looked up
past-busy-text = Somebody else looks back at this moment, or it takes too long. Try again in a moment.

# Saved questions.
nav-questions = Questions
questions-title = Questions
questions-about = Prepared questions. Each with what is set of it has an address: keep it, or send it to somebody.
question-from = from
question-until = until
question-limit = rows
question-keep = The address of this page keeps the question with all that is set.
question-nothing = Nothing matches.
question-more = There are more rows than were asked for.
question-late = after the day
question-accepted = accepted
question-median = median
question-p90 = 9 of 10 within
question-answers = answers
question-backlog = Open tickets, by what is due first
question-backlog-about = Of one outlet or engineer, or of all.
question-attention = Tickets that nobody accepted, or that are not done, for too long
question-attention-about = Red and flashing ones, what is due first above.
question-satisfaction-by-engineer = What customers answered, by engineer
question-satisfaction-by-engineer-about = Who did most above. Silence is counted apart.
question-satisfaction-by-week = What customers answered, by week
question-satisfaction-by-week-about = The latest week above. Silence is counted apart.
question-first-response-by-outlet = How long customers waited for somebody to accept, by outlet
question-first-response-by-outlet-about = From the report to the first acceptance; the slowest above.
question-report-to-acceptance = From report to acceptance, by day
question-report-to-acceptance-about = By the day of the first acceptance; the latest above.
question-reopened-and-silent = Opened again, and closed by silence, by outlet
question-reopened-and-silent-about = Both may hide work that was not good enough.
question-low-ratings = Engineers with low ratings
question-low-ratings-about = Answers with fewer stars than the rules want; most above.
question-wrong-title = That cannot be asked
question-wrong-text = Days are written like 2026-03-02, outlets and engineers by code or id, rows from 1 to 199.
