# 附件审计所说的话。

audit-class-intact = 完好
audit-class-damaged = 损坏
audit-class-missing = 缺失
audit-class-quarantined = 隔离中
audit-class-removed = 已移出视图
audit-class-erased = 有意抹除
audit-class-never_arrived = 从未到达
audit-class-orphan = 无事件引用
audit-class-stranger = 不是附件
audit-how-withdrawn = 收回
audit-how-timed_out = 超时未接
audit-how-declined = 拒单
audit-how-returned = 退单
audit-how-transferred = 转单
audit-how-escalated = 升级
audit-how-reopened = 重开
audit-how-resolved = 完工
audit-why-removed = 交接前已移出视图
audit-why-quarantined = 交接时在隔离中
audit-why-erased = 交接前已抹除
audit-why-missing = 现已缺失
audit-why-damaged = 现已损坏
audit-title = 附件审计
audit-class = 类别
audit-count = 数量
audit-hash = 哈希
audit-bytes = 字节
audit-type = 类型
audit-tickets = 工单
audit-since = 引用时间（UTC）
audit-by = 上传者
audit-detail = 实际情况
audit-path = 位置
audit-ticket = 工单
audit-position = 日志位置
audit-at = 时间（UTC）
audit-who = 谁
audit-what = 事项
audit-from = 交出
audit-to = 接手
audit-how = 方式
audit-lacked = 缺少
audit-as-of = 截至位置 { $position }，记录于 { $time }（UTC）
audit-whole = { $deep ->
    [yes] 没有丢失；每个字节都已重新校验
   *[no] 按大小核对没有丢失；--deep 会重新校验每个字节
}
audit-lost = 丢失：缺失 { $missing } 个，损坏 { $damaged } 个
audit-left-out = 另有 { $count } 条；--csv 和 --json 列出全部
audit-handovers = 交接：{ $handovers } 次中有 { $complete } 次，接手者拥有前一位的全部附件
audit-recorded = 已记录在位置 { $position }
audit-found-bytes = { $count } 字节
audit-found-hash = 哈希为 { $hash }
audit-name-erased = （名称已抹除）
audit-found-bytes-left = 字节仍在
custody-linked = 工单 { $ticket } 引用；由 { $by } 上传（{ $via }），{ $from } 至 { $until }
custody-assigned = 工单 { $ticket } 派给 { $engineer }
custody-released = 工单 { $ticket } 离开 { $engineer }：{ $how }
custody-transferred = 工单 { $ticket } 由 { $from } 转给 { $to }
custody-merged = 工单 { $ticket } 并入 { $into }
custody-escalated = 工单 { $ticket } 升级到第 { $level } 级
custody-reopened = 工单 { $ticket } 重开
custody-opened = { $by } 打开，次数：{ $times }
custody-removed = 在工单 { $ticket } 中移出视图
custody-quarantined = 隔离：{ $why }
custody-cleared = 解除隔离
custody-erased = 有意抹除
custody-cut = 还有未列出的内容
gc-orphans = { $dry ->
    [yes] 将删除 { $count } 个无事件引用的附件（{ $size }）
   *[no] 已删除 { $count } 个无事件引用的附件（{ $size }）
}
gc-kept = 保留 { $count } 个：时间不够久，或刚被使用
gc-erased = { $dry ->
    [yes] 将完成 { $count } 个抹除
   *[no] 已完成 { $count } 个抹除
}
gc-unfinished = 已删除 { $count } 个逾期未完成的上传
gc-strangers = { $count } 个文件不是附件，未动
log-backup-attachments = 其中附件 { $count } 个；本次复制 { $copied } 个（{ $size }）
log-backup-attachments-lost = 丢失：{ $count } 个附件缺失或损坏，未能复制：{ $hashes }
log-restored-attachments = 取回附件 { $named } 个中的 { $copied } 个
log-restored-no-attachments = 备份中没有附件：它早于附件功能，或备份时未包含附件
