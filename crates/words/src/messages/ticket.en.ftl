# The page of a ticket, and its history.

ticket-title = Ticket { $number }
