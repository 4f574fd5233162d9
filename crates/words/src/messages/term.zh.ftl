# 术语：每个概念一个词。

state-call-back = 待回呼
state-claimed = 受理中
state-waiting = 待派单
state-offered = 待接单（抢单）
state-assigned = 已派单
state-working = 处理中
state-on-hold = 挂起
state-queued = 待人工
state-duplicate = 重复报修
state-resolved = 待验收
state-imported = 已导入
state-closed = 已结单
state-merged = 已合并
state-cancelled = 已取消

stage-accepted = 已接单
stage-departed = 已出发
stage-arrived = 已到场

priority-low = 低
priority-normal = 普通
priority-high = 高
priority-critical = 紧急

queue-call-back = 回呼队列
queue-supervisor = 片区主管
queue-deputy = 副主管
queue-director = 服务总监

queue-reason-empty-report = 报修内容为空
queue-reason-partly-solved = 部分解决，需回访
queue-reason-contradicting-answers = 客户答复前后矛盾
queue-reason-rounds-exhausted = 多轮派单无人接单
queue-reason-nobody-available = 无人可派
queue-reason-nobody-accepted = 抢单无人接
queue-reason-owner-silent = 接单后无动静
queue-reason-escalated = 升级

hold-waiting-for-parts = 等配件
hold-waiting-for-customer = 等客户
hold-customer-absent = 客户不在
hold-waiting-for-approval = 等审批

method-by-phone = 电话解决
method-remotely = 远程解决
method-on-site = 现场解决
method-by-itself = 自行恢复

verdict-satisfied = 解决满意
verdict-partial = 部分解决
verdict-unresolved = 未解决

span-days = { $days } 天
span-hours = { $hours } 小时
span-minutes = { $minutes } 分钟
time-left = 剩 { $span }
time-over = 超时 { $span }
