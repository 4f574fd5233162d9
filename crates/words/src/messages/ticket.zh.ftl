# 工单页与历史。

ticket-title = 工单 { $number }
