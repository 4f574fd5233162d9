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
