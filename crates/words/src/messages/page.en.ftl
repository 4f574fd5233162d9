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
