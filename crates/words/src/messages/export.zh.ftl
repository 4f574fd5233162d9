# `paidan export` 所说的话。

export-model = 模型
export-position = 位置
export-table = 表
export-files = 文件
export-rows = 行数
export-bytes = 字节
export-done = { $directory } 中有各表、字段说明（data-dictionary.md）和来源证明（export.json）
