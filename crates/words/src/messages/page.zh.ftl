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
