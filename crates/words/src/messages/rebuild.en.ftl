# What `paidan projection rebuild`, `compare` and `swap` say.

rebuild-none = no rebuild was begun; `paidan projection rebuild NAME…` begins one
rebuild-dropped = the rebuild is dropped; what is live stays as it is
rebuild-progress = { $models }, { $rules }: { $phase }, position { $position } of { $head }
rebuild-pace = , { $rate } events/s, { $left } s left
rebuild-folding = being folded
rebuild-paused = paused
rebuild-comparing = being compared
rebuild-ready = ready to be swapped in
rebuild-swapped = live; the one before can come back
rebuild-failed = it cannot go on
rebuild-rows = { $count ->
    [one] { $count } row differs
   *[other] { $count } rows differ
}
rebuild-as-recorded = as recorded
rebuild-by-version = by rules { $version } from the beginning
rebuild-by-tried = by rules that are not published
rebuild-as-live = as the live ones
rebuild-swapped-in = { $model } counts the past { $rules }, from position { $position } on

compare-head = { $model } at position { $position }: live { $live }, rebuilt { $rebuilt }
compare-equal = equal, byte for byte
compare-table = table
compare-total = total
compare-live = live
compare-rebuilt = rebuilt
compare-difference = difference
compare-rows = rows
compare-row = row
compare-change = is
compare-fields = fields
compare-events = because of events
compare-added = added
compare-removed = removed
compare-changed = changed
compare-from-the-start = the rules themselves
compare-left-out = { $count ->
    [one] { $count } more row differs; --rows shows more
   *[other] { $count } more rows differ; --rows shows more
}

# The page of read models.

projections-title = Read models
projections-models = What is live
projections-name = model
projections-recount = counts the past
projections-inputs = depends on
projections-version = version
projections-rows = rows
projections-position = position
projections-lag = events behind
projections-rebuild = Rebuild
projections-none = Nothing is rebuilt. A rebuild folds models anew beside the live ones; nothing becomes live before it is swapped in.
projections-which = Which
projections-by-version = By the rules of version (0: as recorded; empty: as the live ones)
projections-begin = Begin
projections-pause = Pause
projections-resume = Go on
projections-cancel = Drop it
projections-swap = Swap in
projections-swap-back = Swap back
projections-left-out = { $count ->
    [one] { $count } more row differs
   *[other] { $count } more rows differ
}
