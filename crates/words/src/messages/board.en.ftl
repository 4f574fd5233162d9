# The live board.

board-title = Live board
board-open = open tickets
