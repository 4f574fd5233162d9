# 取出和取回日志的命令所说的话。

log-exported = 日志 { $log }（纪元 { $epoch }）的位置 { $first } 到 { $last } 已写入 { $file }（{ $size }）；链值 { $chain }
log-export-keys = 含 { $count } 个密钥，由主密钥加密：同时持有两者即可读取个人信息
log-export-no-keys = 不含密钥：导入后，加密的个人信息显示为已抹除；用 --with-keys 可一并导出密钥
log-export-part = 从位置 { $first } 开始：导入时还需要之前的文件
log-backed-up = { $directory } 已有日志 { $log }（纪元 { $epoch }）到位置 { $last }（{ $size }）；链值 { $chain }
log-backup-nothing-new = 没有新事件；密钥已重新复制
log-backup-added = 新增 { $count } 个事件（{ $size }）
log-backup-keys = 其中密钥 { $live } 个，已销毁 { $destroyed } 个
log-backup-master-key = 备份不含主密钥，没有它加密的信息都无法读取：请把 { $path } 另存一份
log-brought-back = 日志 { $log } 的位置 1 到 { $kept } 已在 { $data }，校验通过；链值 { $chain }
log-epoch-opened = 位置 { $position } 开启纪元 { $epoch }：跟读日志者须从头开始
log-import-no-keys = 导出文件不含密钥：加密的信息显示为已抹除
log-restored-as-of = 状态截至 { $time }（UTC）；之后的记录不在其中
log-restored-erased = { $count } 个此后销毁的密钥仍保持销毁
log-restored-not-erased = 此后销毁的密钥又回来了：请重新抹除这些人的信息，或用 --newer-ring 恢复
log-restored-epoch-not-noted = 备份无法记下本次纪元：若再次恢复，请用 --epoch 指定更高的纪元
log-witness-saw = 见证文件记录到位置 { $durable } 已落盘
log-witness-missing = 没有见证文件，无法确定哪些事件曾被确认
log-witness-damaged = 见证文件已损坏，无法确定哪些事件曾被确认
log-salvage-complete = 没有缺失
log-salvage-lost = 丢失：位置 { $from } 到 { $until }，共 { $count } 个已记录的事件
log-salvage-unreadable = 位置 { $from } 到 { $until }（{ $count } 个）没有找到完整的帧
log-salvage-set-aside = 位置 { $from } 到 { $until }（{ $count } 个）完整，但在缺口之后；其帧已存于 cut/
log-salvage-never-acknowledged = 位置 { $from } 到 { $until }（{ $count } 个）当时正在写盘，从未向任何人确认
log-salvage-keys-lost = { $count } 个密钥无法读取（{ $numbers }）；其加密的信息显示为已抹除
log-salvage-untouched = 损坏的目录未作任何改动
