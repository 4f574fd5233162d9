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
