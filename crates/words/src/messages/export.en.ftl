# What `paidan export` says.

export-model = model
export-position = position
export-table = table
export-files = files
export-rows = rows
export-bytes = bytes
export-done = { $directory } has the tables, what each column means (data-dictionary.md), and what they were made from (export.json)
export-done-since = { $directory } has what is different since: rows whose key has a changed one, and the keys of what is gone (TABLE.removed); export.json says since when

# What `paidan projection prove` says.

prove-holds = { $path }: confirmed
prove-fails = { $path }: does not hold
prove-model-holds = { $model }, position { $position }: folded again, equal
prove-model-fails = { $model }, position { $position }:
prove-proof-changed = export.json is not as it was written
prove-file-missing = { $file } is missing
prove-file-changed = { $file } has other bytes than export.json names
prove-file-not-named = { $file } is not named in export.json, and readers would count its rows
prove-rows-changed = the rows are not those that the first line is of: bytes were changed, added or lost
prove-unknown-model = there is no such read model
prove-other-log = it is of another log: { $claimed }; this one is { $found }
prove-restored-since = the log was restored since: it is of epoch { $claimed }, the log of epoch { $found }
prove-earlier-copy = this log is an earlier copy: it is of epoch { $claimed }, the log of epoch { $found }
prove-after-head = the log ends before, at position { $head }
prove-other-chain = the chain there is { $found }, not { $claimed }: the history before is another
prove-other-version = it is of version { $claimed } of the projection; this release has version { $found }
prove-other-rules = the rule set there is version { $found }, not { $claimed }
prove-other-rows = the fold gives other rows: their hash is { $found }, not { $claimed }
prove-other-row = row { $line } is { $claimed }; the log gives { $found }
prove-nothing = nothing
prove-other-file = { $file } is not what the log gives
prove-other-file-release = { $file } is not what the log gives; release { $claimed } wrote it and this is { $found }: compare with that one
prove-base = what it goes on from: { $fault }
