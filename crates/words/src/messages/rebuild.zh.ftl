# `paidan projection rebuild`、`compare`、`swap` 的输出。

rebuild-none = 尚无重建；用 `paidan projection rebuild NAME…` 开始
rebuild-progress = { $models }（{ $rules }）：{ $phase }，位置 { $position } / { $head }
rebuild-pace = ，每秒 { $rate } 个事件，约剩 { $left } 秒
rebuild-folding = 重放中
rebuild-paused = 已暂停
rebuild-comparing = 比对中
rebuild-ready = 可以切换
rebuild-swapped = 已切换；可立即切回
rebuild-failed = 无法继续
rebuild-rows = 有 { $count } 行不同
rebuild-as-recorded = 按记录当时的规则
rebuild-by-version = 自始按规则第 { $version } 版
rebuild-swapped-in = { $model } { $rules }统计过往，自位置 { $position } 起

compare-head = { $model }，位置 { $position }：现用 { $live }，重建 { $rebuilt }
compare-equal = 逐字节相同
compare-table = 表
compare-total = 合计
compare-live = 现用
compare-rebuilt = 重建
compare-difference = 差
compare-rows = 行数
compare-row = 行
compare-change = 变化
compare-fields = 字段
compare-events = 由事件
compare-added = 新增
compare-removed = 消失
compare-changed = 改变
compare-from-the-start = 规则本身
compare-left-out = 另有 { $count } 行不同；可用 --rows 显示更多
