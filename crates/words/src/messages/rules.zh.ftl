# 公司的规则：每个字段的含义，以及哪里有误。

rules-file-shipped = 出厂规则（第 0 版）。
rules-file-version = 公司规则，第 { $version } 版。
rules-file-how = 修改后先运行 paidan rules check FILE，再运行 paidan rules publish FILE。未写的字段用出厂值。

rules-table-hours = 没有网点的工单的服务时间。
rules-table-candidates = 候选人：在可派的工程师中按分数决定先派给谁。
rules-table-accept = 接单：工程师有多长时间，超时怎么办。
rules-table-queue = 队列：工单等人处理多久。
rules-table-work = 作业：对手上有工单的工程师的要求。
rules-table-close = 结单：客户的评价及其后。
rules-table-freeze = 冻结：未解决后停止向该工程师派单。
rules-table-duplicates = 重复报修：对已知故障的再次报修。
rules-table-board = 看板：哪些要突出显示。

rules-field-zone = 公司的时区，一天和一周按它开始。
rules-field-hours-zone = 这些服务时间的时区。
rules-field-hours-weekly = 一周的服务时间，如 "Mon-Fri 08:00-18:00, Sat 09:00-12:00"；留空表示全天候。
rules-field-hours-exceptions = 节假日和调休上班日，各有自己的时间；时间留空表示休息。
rules-field-candidates-same-outlet = 属于工单所在网点的加分。
rules-field-candidates-free-place = 每个空余名额的加分。
rules-field-candidates-taken-place = 每个已占名额的扣分。
rules-field-candidates-kilometre = 距工单每公里的扣分；0 表示不计距离。
rules-field-accept-within = 派单后在服务时间内超过此时长未接单，改派他人。
rules-field-accept-urgent-within = 紧急工单的同一时限，不分时段。
rules-field-accept-offer-within = 抢单在服务时间内超过此时长无人接，则撤回。
rules-field-accept-urgent-offer-within = 紧急工单的同一时限，不分时段。
rules-field-accept-transfer-within = 转单后同事超过此时长未接，仍归转出人。
rules-field-accept-redispatches-max = 二次派单最多几次，之后进入主管队列。
rules-field-accept-pause-outside-hours = 服务时间之外，非紧急工单是否停止计时。
rules-field-queue-within = 在一个人的队列里超过此服务时长，转给下一个人。
rules-field-queue-urgent-within = 紧急工单的同一时限，不分时段。
rules-field-queue-claim-within = 客服受理后有这么长时间。
rules-field-queue-unassigned-within = 超过此时长仍派不出去，通知人工。
rules-field-queue-duplicate-within = 关联为重复的工单，过此时长再看一次。
rules-field-queue-imported-within = 其他系统导入的未结工单，过此时长要看一次。
rules-field-work-silent-after = 接单后超过此时长没有动静，询问工程师。
rules-field-work-report-after = 询问后再过此时长，通知主管。
rules-field-work-hold-default = 挂起时未写预计日期的，过此时长恢复。
rules-field-work-hold-max = 挂起最长不超过此时长。
rules-field-work-capacity-default = 档案里没有写的工程师，同时最多有几张工单。
rules-field-close-remind-after = 完工后过多久提醒客户，由短到长。
rules-field-close-silence-after = 完工后过此时长客户没有答复，自动结单。
rules-field-close-call-back-within = 部分解决后，客服在此时长内回访。
rules-field-close-undo-within = 客户可在此时长内撤回未解决。
rules-field-close-reopen-within = 结单后可在此时长内重新打开。
rules-field-freeze-enabled = 未解决后，是否冻结该工程师的派单直到当天结束。
rules-field-freeze-engineers-min = 冻结后片区至少还要有几名工程师；录入时另有规定的片区按其规定。
rules-field-duplicates-enabled = 是否查找重复报修。
rules-field-duplicates-within = 两次报修相隔不超过这么久，才算重复报修。
rules-field-duplicates-repeat-within = 距前一次报修不超过这么久，才算返修。
rules-field-duplicates-sure-percent = 描述的相似度（百分比）达到这个数，即认定为同一故障。
rules-field-duplicates-ask-percent = 相似度达到这个数，先问客服；不得高于 sure_percent。
rules-field-duplicates-ask-within = 派单前最多等客服答复这么久；紧急工单从不等待。
rules-field-board-red-after = 标红：创建后超过此时长未接单。
rules-field-board-flash-after = 闪烁：创建后超过此时长未完工。
rules-field-board-low-stars = 低于几星的评价报给总监。

rules-form-span = 时长，用天 d、时 h、分 m、秒 s 表示（"1h30m"），{ $least } 至 { $most }
rules-form-spans = 若干时长（["24h", "48h"]），最多 { $entries } 个，每个 { $least } 至 { $most }
rules-form-number = 整数，{ $least } 至 { $most }
rules-form-flag = true（是）或 false（否）
rules-form-zone = 时区名称（"Asia/Shanghai"）
rules-form-weekly = 星期和时间
rules-form-days = 列表，如 [{"{"} date = "2026-10-01", hours = "09:00-12:00" {"}"}]
rules-form-shipped = 出厂值：{ $value }；{ $form }

rules-problem-span = `{ $field }` 是 { $found }；请写 { $least } 至 { $most } 的时长
rules-problem-number = `{ $field }` 是 { $found }；请写 { $least } 至 { $most } 的整数
rules-problem-zone = `{ $field }` 是 `{ $found }`，不是时区；请写成 `Asia/Shanghai` 这样
rules-problem-too-many = `{ $field }` 有 { $found } 项；最多写 { $most } 项
rules-problem-not-ascending = `{ $field }` 中 { $found } 排在 { $before } 之后；每项只写一次，由短到长
rules-problem-not-below = `{ $field }` 中有 { $found }；须小于 `{ $other }`（{ $limit }）
rules-problem-above = `{ $field }` 是 { $found }；不能超过 `{ $other }`（{ $limit }）

rules-wrong-syntax = 这不是 TOML：{ $what }；文字和时长要加引号（"30m"），每行一个字段
rules-wrong-form = `{ $field }` 是 { $found }；应写：{ $form }
rules-wrong-hours = `{ $field }` 是 { $found }：{ $why }
rules-wrong-table = `{ $field }` 是 { $found }；它是一个表：请写 [{ $field }]，字段写在下面
rules-wrong-key = 规则里没有 `{ $field }`；请写 `{ $nearest }`，或删去
rules-wrong-key-alone = 规则里没有 `{ $field }`；请删去
rules-fine = { $file }：规则可以生效
rules-problems = 有 { $count } 个问题

rules-column-field = 字段
rules-equal = 没有差别
rules-what-current = 现行
rules-what-shipped = 出厂
rules-what-version = 第 { $version } 版
rules-hold-already = 这些规则已在生效：第 { $version } 版，自位置 { $position } 起
rules-hold-shipped = 这些规则已在生效：就是出厂规则
rules-published = 规则第 { $version } 版自位置 { $position } 起生效
rules-timers = 正在计时的仍按开始时的规则。

rules-table-urgent = 紧急：哪些工单算紧急，通知谁。
rules-field-exceptions = 部分工单的其他走法：时限、派单方式、依次进入谁的队列。每一项由第一条写明该项且条件成立的例外决定。
rules-field-urgent-enabled = 是否按规则识别紧急工单；人工标记的始终广播派单。
rules-field-urgent-when = 规则的条件；到场前每次补充说明或图片都会重新判断。
rules-field-urgent-ask = 一次通知的工程师人数：先最近且在线的，再值班名单。
rules-field-urgent-rounds-max = 这么多轮无人接单后交给片区主管。
rules-field-urgent-position-within = 早于此时长的位置不算数。
rules-form-condition = 条件，如 {"{"} all = [{"{"} says = ["停机"] {"}"}, {"{"} images_at_least = 2 {"}"}] {"}"}
rules-form-exceptions = 列表，如 [{"{"} when = {"{"} priority_at_least = "high" {"}"}, accept_within = "10m" {"}"}]，最多 { $entries } 条，时长 { $least } 至 { $most }
rules-problem-condition = `{ $field }` 的 `{ $at }` { $problem }
rules-problem-exception-span = `{ $field }` 的 `{ $at }` 是 { $found }；请写 { $least } 至 { $most } 的时长
rules-problem-no-exception = `{ $field }` 的 `{ $at }` 什么也没有改；请写明改什么，如 accept_within = "15m"
rules-problem-queue-path = `{ $field }` 的 `{ $at }` 走不通；请从 supervisor、deputy、director 中选，按此顺序，以 director 结尾
rules-problem-too-long = `{ $field }` 连同全部条件占 { $found } 字节；请减少到 { $most } 字节以内
condition-problem-empty = 没有条件；请至少写一个，或去掉这一组
condition-problem-too-deep = 嵌套 { $found } 层；最多 { $most } 层
condition-problem-too-many = 有 { $found } 个条件；最多 { $most } 个
condition-problem-entries = 有 { $found } 项；请写 1 至 { $most } 项
condition-problem-letters = 有一项是 { $found } 个字；请写 1 至 { $most } 个字
condition-problem-number = 是 { $found }；请写 { $least } 至 { $most }
condition-problem-no-words = 问的是描述的内容，时限不能取决于它；请改用其他条件
rules-wrong-condition = { $found }：{ $why }
rules-wrong-condition-key = `{ $found }` 不是条件；请写 `{ $nearest }`
cel-problem-empty = 是空的；请写表达式，如 images >= 2
cel-problem-too-long = 有 { $found } 字节；请最多写 { $most } 字节，或在 `all`、`any` 里分几个条件写
cel-problem-nested = 在 { $at } 处嵌套太深；括号和 ? 最多 { $brackets } 个，运算最多套 { $operators } 层，或在 `all`、`any` 里分几个条件写
cel-problem-outside = 在 { $at } 处引号外有 `{ $found }`；词语请写在 "…" 里，名称、括号和逗号请用英文输入法
cel-problem-syntax = 在 { $at } 处读不懂：{ $what }
cel-problem-unknown = 在 { $at } 处问 `{ $name }`，没有这一项；请写下列之一：{ $known }
cel-problem-function = 在 { $at } 处调用 `{ $name }`，没有这个函数；请写下列之一：{ $known }
cel-problem-call = 在 { $at } 处 `{ $name }` 的用法不对；请写成如 { $example }
cel-problem-refused = 在 { $at } 处用了 { $what }，条件里不能用；请用 && || ! 和 ? : 写比较，用 + - * / % 算整数，列表写在 in 后面，函数有 { $known }
cel-problem-kinds = 在 { $at } 处有 { $found }，两者不能放在一起；请比较同一类的值
cel-problem-never = 在 { $at } 处拿“{ $found }”比 { $kind }，永远不会相等；请写成如 { $example }
cel-problem-no-answer = 的结果是 { $found }，不是真或假；请写成比较，如 images >= 2
cel-problem-unreadable = 完全读不懂；请换一种写法，或写成条件树
cel-problem-no-thread = 没能读，系统现在不能启动线程；请再试一次
