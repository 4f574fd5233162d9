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
queue-reason-approval-needed = 按规则须人工审批派单
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

channel-api = 接口
channel-page = 网页
channel-phone = 电话
channel-chat = 聊天
channel-on-site = 现场
channel-import = 导入

withdraw-by-hand = 人工撤回
withdraw-reassigned = 改派他人
withdraw-offered-instead = 改为抢单
withdraw-ticket-ended = 工单已了结
withdraw-escalated = 升级

link-duplicate = 重复报修，不再单独派单
link-repeat-visit = 返修
link-split = 拆分
link-related = 相关
link-suspected = 疑似重复报修，待客服确认

notice-not-accepted-in-time = 未按时接单
notice-nobody-available = 无人可派
notice-in-your-queue = 有工单待您处理
notice-unresolved = 客户答复未解决
notice-low-rating = 评分偏低
notice-owner-silent = 接单后无动静
notice-what-is-the-state = 请说明进展
notice-urged = 客户催单
notice-no-longer-yours = 工单已不归您
notice-please-confirm = 请答复是否解决
notice-now-urgent = 工单已升为紧急

recipient-customer = 客户
recipient-agents = 客服

rule-by-hand = 人工指定
rule-first-to-accept = 先接先得
rule-least-loaded = 负荷最低
rule-nearest-online = 最近且在线

filter-other-area = 其他片区
filter-lacks-skill = 缺技能
filter-off-duty = 未上班
filter-on-leave = 休假
filter-frozen = 冻结
filter-no-free-place = 无空位
filter-passed-before = 本轮已错过
filter-left-out = 已排除

common-device = 同一设备
common-contact-and-place = 同一联系人、同一地点
common-contact = 同一联系人
common-place = 同一地点
common-customer = 同一客户

duty-by-hand = 手动
duty-roster = 按排班

offline-signed-out = 退出
offline-lease-ended = 失去联系

upload-tus = 断点续传
upload-form = 表单
upload-put = 直接上传
upload-text = 长文

freed-timed-out = 未按时接单
freed-declined = 拒单
freed-returned = 退单
freed-withdrawn = 撤回
freed-transferred = 转单
freed-resolved = 完工
freed-ticket-ended = 工单已了结

outcome-satisfied = 客户答复解决满意
outcome-by-agent = 人工结单
outcome-by-silence = 客户未答复，不计为满意
outcome-imported = 在原系统结单

imported-open = 已立案
imported-active = 处理中
imported-held = 挂起
imported-resolved = 已完工

category-customer = 客户
category-dispatch = 派单
category-work = 处理
category-limits = 时限
category-messages = 通知
category-system = 系统

verb-create = 报修
verb-details = 补充信息
verb-claim = 受理
verb-end-claim = 结束受理
verb-offer = 抢单
verb-expire-offer = 抢单到时
verb-assign = 派单
verb-accept = 接单
verb-decline = 拒单
verb-return = 退单
verb-transfer = 转单
verb-accept-transfer = 接受转单
verb-end-transfer = 结束转单
verb-time-out = 接单超时
verb-withdraw = 撤回派单
verb-depart = 出发
verb-arrive = 到场
verb-hold = 挂起
verb-resume = 恢复
verb-appoint = 预约上门
verb-miss-appointment = 记失约
verb-add-helper = 添加协作
verb-remove-helper = 移除协作
verb-note = 备注
verb-remove-attachment = 移除附件
verb-urge = 催单
verb-resolve = 完工
verb-remind = 提醒客户
verb-confirm = 验收
verb-reject = 未解决
verb-retract-answer = 撤回答复
verb-close-by-silence = 无答复结单
verb-close = 结单
verb-reopen = 重新打开
verb-escalate = 升级
verb-to-supervisor = 转主管
verb-escalate-queue = 转上一级
verb-defer = 暂缓派单
verb-ask-owner = 询问工程师
verb-report-silence = 报告无动静
verb-merge = 合并
verb-link = 关联
verb-unlink = 取消关联
verb-cancel = 取消
verb-import = 导入

notice-few-to-ask = 可同时通知的工程师少于规则要求
filter-offline = 不在线
filter-no-fresh-position = 没有位置或位置过旧
verb-mark-urgent = 按规则标记紧急
