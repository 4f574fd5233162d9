# What the commands say that take the log out and bring it back.

log-exported = positions { $first } to { $last } of log { $log }, epoch { $epoch }, are in { $file } ({ $size }); chain { $chain }
log-export-keys = { $count ->
    [one] with { $count } key, wrapped by the master key: whoever has both reads personal data
   *[other] with { $count } keys, wrapped by the master key: whoever has both reads personal data
}
log-export-no-keys = without keys: what is sealed reads as erased wherever this is imported; --with-keys puts them in
log-export-part = it begins at position { $first }: an import needs the files before it, too
log-backed-up = { $directory } has log { $log }, epoch { $epoch }, up to position { $last } ({ $size }); chain { $chain }
log-backup-nothing-new = nothing was new; the keys were copied again
log-backup-added = { $count ->
    [one] { $count } event was added ({ $size })
   *[other] { $count } events were added ({ $size })
}
log-backup-keys = keys in it: { $live }; destroyed: { $destroyed }
log-backup-master-key = the master key is not in it, and without it nothing that is sealed can be read: keep a copy of { $path } elsewhere
log-brought-back = positions 1 to { $kept } of log { $log } are in { $data }, verified; chain { $chain }
log-epoch-opened = position { $position } opens epoch { $epoch }: whoever follows the log starts over
log-import-no-keys = the export had no keys: what is sealed reads as erased
log-restored-as-of = it is as of { $time } UTC; what was recorded since is not in it
log-restored-erased = { $count ->
    [one] { $count } key that was destroyed since stayed destroyed
   *[other] { $count } keys that were destroyed since stayed destroyed
}
log-restored-not-erased = keys that were destroyed since are back: erase those people again, or restore with --newer-ring
log-restored-epoch-not-noted = the backup could not take note of the epoch: name a higher --epoch if it is ever restored again
log-witness-saw = the witness knew positions up to { $durable } to be durable
log-witness-missing = there is no witness, so nobody can say up to where events had been acknowledged
log-witness-damaged = the witness is damaged, so nobody can say up to where events had been acknowledged
log-salvage-complete = nothing is missing
log-salvage-lost = { $count ->
    [one] LOST: position { $from }, { $count } event that had been recorded
   *[other] LOST: positions { $from } to { $until }, { $count } events that had been recorded
}
log-salvage-unreadable = no whole frame was found for positions { $from } to { $until } ({ $count })
log-salvage-set-aside = positions { $from } to { $until } ({ $count }) are whole but behind a gap; their frames are in cut/
log-salvage-never-acknowledged = positions { $from } to { $until } ({ $count }) were on their way to the disk; nobody was told that they had arrived
log-salvage-keys-lost = { $count ->
    [one] { $count } key cannot be read ({ $numbers }); what it sealed reads as erased
   *[other] { $count } keys cannot be read ({ $numbers }); what they sealed reads as erased
}
log-salvage-untouched = the damaged directory was not touched
