# `paidan export` 所说的话。

export-model = 模型
export-position = 位置
export-table = 表
export-files = 文件
export-rows = 行数
export-bytes = 字节
export-done = { $directory } 中有各表、字段说明（data-dictionary.md）和来源证明（export.json）
export-done-since = { $directory } 中为此后变化的内容：键值有变的全部行，以及已不存在的键值（表名.removed）；起点见 export.json

# `paidan projection prove` 所说的话。

prove-holds = { $path }：属实
prove-fails = { $path }：不属实
prove-model-holds = { $model }，位置 { $position }：重新推算，结果一致
prove-model-fails = { $model }，位置 { $position }：
prove-proof-changed = export.json 与写出时不同
prove-file-missing = 缺少 { $file }
prove-file-changed = { $file } 的内容与 export.json 所载不同
prove-file-not-named = export.json 未列出 { $file }，而读取时会计入其中的行
prove-rows-changed = 各行与首行所载不符：内容被改动、增添或丢失
prove-unknown-model = 没有这个读模型
prove-other-log = 来自另一份日志：{ $claimed }；当前为 { $found }
prove-restored-since = 此后日志曾被恢复：其纪元为 { $claimed }，日志现为 { $found }
prove-earlier-copy = 当前日志是较早的副本：其纪元为 { $claimed }，日志为 { $found }
prove-after-head = 日志在此之前已结束，末位置为 { $head }
prove-other-chain = 该处链值为 { $found }，而非 { $claimed }：此前的历史不同
prove-other-version = 读模型版本为 { $claimed }，本版程序为 { $found }
prove-other-rules = 该处规则集版本为 { $found }，而非 { $claimed }
prove-other-rows = 推算出的行不同：哈希为 { $found }，而非 { $claimed }
prove-other-row = 第 { $line } 行为 { $claimed }；日志给出 { $found }
prove-nothing = 无
prove-other-file = { $file } 与日志推算结果不同
prove-other-file-release = { $file } 与日志推算结果不同；它由 { $claimed } 版写出，本版为 { $found }：请用原版程序核对
prove-base = 所承接的导出：{ $fault }
