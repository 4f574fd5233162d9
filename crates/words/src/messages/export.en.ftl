# What `paidan export` says.

export-model = model
export-position = position
export-table = table
export-files = files
export-rows = rows
export-bytes = bytes
export-done = { $directory } has the tables, what each column means (data-dictionary.md), and what they were made from (export.json)
