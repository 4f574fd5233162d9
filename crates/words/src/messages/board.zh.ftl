# 实时作战看板。

board-title = 实时作战看板
board-open = 未结工单
