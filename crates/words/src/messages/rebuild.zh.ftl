# `paidan projection rebuild`、`compare`、`swap` 的输出。

rebuild-none = 尚无重建；用 `paidan projection rebuild NAME…` 开始
rebuild-dropped = 已放弃重建；现用模型不变
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
rebuild-by-tried = 按未发布的规则
rebuild-as-live = 与现用相同
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

# 读模型页面。

projections-title = 读模型
projections-models = 现用
projections-name = 模型
projections-recount = 统计过往
projections-inputs = 依赖的规则
projections-version = 版本
projections-rows = 行数
projections-position = 位置
projections-lag = 落后事件
projections-rebuild = 重建
projections-none = 目前没有重建。重建在现用模型旁重新累积，切换之前不影响任何人。
projections-which = 重建哪些
projections-by-version = 按规则版本（0 为按记录，留空为与现用相同）
projections-begin = 开始
projections-pause = 暂停
projections-resume = 继续
projections-cancel = 放弃
projections-swap = 切换
projections-swap-back = 切回
projections-left-out = 另有 { $count } 行不同
