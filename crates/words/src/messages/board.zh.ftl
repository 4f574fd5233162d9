# 实时作战看板。

board-title = 实时作战看板
board-clock = 服务器时间（{ $zone }）
board-live = 实时
board-waiting = 正在重新连接…
board-updates-one = 1 项更新
board-updates-many = { $count } 项更新

board-attachments-lost = { $count } 个附件缺失或损坏，请运行

counters-title = 概览
counter-open = 未结工单
counter-backlog = 未完工
counter-overdue = 已超时
counter-red = { $span }未接单
counter-flashing = { $span }未完工
counter-created = 今日新报修
counter-completed = 今日完工
counter-low = 今日低分

top-title = 积压 TOP10
top-order = 先超时，再按优先级和时长
top-empty = 没有积压，所有工单都已完工。
queue-title = 待接单与待处理
queue-order = 最先到时限的在前
queue-empty = 没有等待接单的工单。
list-total = 共 { $count } 单
list-more = 另有 { $count } 单

mark-red = { $span }未接单
mark-flashing = { $span }未完工
mark-urgent = 加急
mark-overdue = 已超时
row-age = 已报修 { $span }
row-ticket = 工单 { $number }
row-offered = 发给 { $count } 人抢单
row-agent = 客服
row-nobody = 尚无人负责
no-outlet = 未指定网点
unknown-outlet = 未知网点
unknown-person = 姓名已删除

engineers-title = 工程师负荷
engineers-order = 先看冻结的，再看最忙的
engineers-empty = 还没有工程师。
engineers-total = 共 { $count } 人
engineers-more = 另有 { $count } 人
engineers-name = 工程师
engineers-state = 状态
engineers-load = 负荷
load-words = { $capacity } 单中占 { $taken }：待接单 { $assigned }，处理中 { $accepted }，挂起 { $held }
load-figures = { $taken }/{ $capacity }
duty-on = 上班
duty-off = 下班
duty-leave = 请假
duty-on-call = 值班待命
online-yes = 在线
online-no = 离线
frozen-unresolved = 冻结至 { $until } · 客户未解决
frozen-by-hand = 冻结至 { $until } · 人工

satisfaction-title = 网点满意度
satisfaction-days = 近 { $days } 天
satisfaction-empty = 近期还没有客户答复。
satisfaction-outlet = 网点
satisfaction-answers = 客户答复
satisfaction-silence = 未答复结单
satisfaction-words = 解决满意 { $satisfied }，部分解决 { $partial }，未解决 { $unresolved }
satisfaction-note = 未答复而结单的不计入满意度。
satisfaction-more = 另有 { $count } 个网点

lifecycle-title = 今日全流程
lifecycle-note = 每小时工单数
lifecycle-step = 环节
lifecycle-hour = { $hour } 时
lifecycle-created = 报修
lifecycle-accepted = 接单
lifecycle-completed = 完工
lifecycle-rated = 评价
lifecycle-total = 合计
