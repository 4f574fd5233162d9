//! Folds the log into read models: contract, runner, snapshots and the models.
