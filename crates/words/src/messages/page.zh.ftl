# 每个页面都有的部分。

product-name = 派单
page-title = { $title } · 派单
skip-to-content = 跳到正文
nav-label = 主导航
nav-board = 看板
nav-api = 接口文档
switch-language = English
switch-language-label = 切换到英文
theme-label = 明暗
theme-auto = 跟随系统
theme-light = 浅色
theme-dark = 深色
simulated = 演示：虚构的公司，时间是真实的 { $speed } 倍（种子 { $seed }）
not-found-title = 没有这个页面
not-found-text = 这里什么也没有。请从看板开始，或检查地址。
failed-title = 出错了
failed-text = 服务器没能给出这个页面。请稍后再试；若仍然如此，请查看服务器日志。
back-to-board = 回到看板

# 回看。
past-look = 回看
past-moment = 时刻
past-by-recorded = 按当时已知
past-by-occurred = 按当时已发生
past-show = 查看
past-back = 回到现在
past-recorded = 这是过去：截至 { $time }，按当时已知的情况（位置 { $position }）。此页不再变化。
past-occurred = 这是过去：截至 { $time }，按当时已发生的情况（依据日志位置 { $position } 之前的记录）。此页不再变化。
past-refused-title = 无法查看该时刻
past-refused-text = 请选择不晚于现在的日期和时间，或日志中的位置。
past-busy-title = 正在回看
past-busy-text = 此刻有人在回看，或回看耗时过长。请稍后再试。

# 常用查询。
nav-questions = 查询
questions-title = 常用查询
questions-about = 预先备好的查询。每个查询连同所设条件都有自己的网址，可收藏或转发。
question-from = 自
question-until = 至
question-limit = 行数
question-keep = 本页网址即保存了此查询及所设条件。
question-nothing = 没有符合条件的结果。
question-more = 结果多于所要的行数。
question-late = 日后更正
question-accepted = 接单数
question-median = 中位数
question-p90 = 九成不超过
question-answers = 评价数
question-backlog = 未结工单（最先到期在前）
question-backlog-about = 可限定某网点或某工程师。
question-attention = 久未接单或久未完工的工单
question-attention-about = 标红和闪烁的工单，最先到期在前。
question-satisfaction-by-engineer = 客户评价（按工程师）
question-satisfaction-by-engineer-about = 完工最多在前；客户未回应单独计数。
question-satisfaction-by-week = 客户评价（按周）
question-satisfaction-by-week-about = 最近一周在前；客户未回应单独计数。
question-first-response-by-outlet = 客户等待接单的时间（按网点）
question-first-response-by-outlet-about = 自报修至首次接单；最慢在前。
question-report-to-acceptance = 报修至接单的时间（按日）
question-report-to-acceptance-about = 按首次接单之日；最近在前。
question-reopened-and-silent = 重新打开与无回应关闭（按网点）
question-reopened-and-silent-about = 两者都可能掩盖不合格的维修。
question-low-ratings = 有低星评价的工程师
question-low-ratings-about = 星级低于规则要求的评价；最多在前。
question-wrong-title = 无法这样查询
question-wrong-text = 日期写作 2026-03-02，网点和工程师写编码或标识，行数为 1 至 199。
