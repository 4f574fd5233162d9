//! `paidan log export` and `paidan log backup`.

use audit::Carried;
use domain::GlobalPosition;
use words::Args;

use super::CliError;
use super::args::{LogBackupArgs, LogExportArgs};
use super::asking::{ask, connect, unexpected};
use super::log::{mebibytes, unanswered};
use super::page::Page;
use super::write::Printer;
use crate::config::{Config, MasterKeySource};
use crate::control::{BackupView, ExportView, Reply, Request, absolute};

pub(super) fn export(
    config: &Config,
    args: &LogExportArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let LogExportArgs { file, from, with_keys, output } = args;
    let request = Request::LogExport { file: absolute(file), from: *from, with_keys: *with_keys };
    let mut exported = None;
    ask(&mut connect(config)?, request, "exporting", !output.json, &mut |reply| match reply {
        Reply::Exported(view) => {
            exported = Some(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    let exported = exported.ok_or_else(unanswered)?;
    let text = || export_text(&exported, &page);
    let text = text();
    Ok(Printer::new(page.out, *output).print(&exported, || text)?)
}

fn export_text(view: &ExportView, page: &Page<'_>) -> String {
    let ExportView { log, first, position, chain, keys, file, bytes } = view;
    let told = Args::new()
        .text("log", log.id.clone())
        .text("epoch", log.epoch.to_string())
        .text("first", first.to_string())
        .text("last", position.to_string())
        .text("chain", chain.clone())
        .text("file", file.clone())
        .text("size", mebibytes(*bytes));
    let mut lines = vec![page.language.say_with("log-exported", &told)];
    lines.push(match keys {
        Some(count) => page.say_count("log-export-keys", *count),
        None => page.say("log-export-no-keys"),
    });
    if *first > GlobalPosition::FIRST {
        let told = Args::new().text("first", first.to_string());
        lines.push(page.language.say_with("log-export-part", &told));
    }
    lines.join("\n") + "\n"
}

pub(super) fn backup(
    config: &Config,
    args: &LogBackupArgs,
    page: Page<'_>,
) -> Result<(), CliError> {
    let LogBackupArgs { directory, without_attachments, output } = args;
    let without_attachments = *without_attachments;
    let request = Request::LogBackup { directory: absolute(directory), without_attachments };
    let mut done = None;
    ask(&mut connect(config)?, request, "backing up", !output.json, &mut |reply| match reply {
        Reply::BackedUp(view) => {
            done = Some(view);
            Ok(())
        }
        other => Err(unexpected(&other)),
    })?;
    let done = done.ok_or_else(unanswered)?;
    let text = backup_text(&done, config, &page);
    Ok(Printer::new(page.out, *output).print(&done, || text)?)
}

fn backup_text(view: &BackupView, config: &Config, page: &Page<'_>) -> String {
    let BackupView { log, before, position, chain, added_bytes, bytes, keys, directory, .. } = view;
    let told = || {
        Args::new()
            .text("log", log.id.clone())
            .text("epoch", log.epoch.to_string())
            .text("last", position.to_string())
            .text("chain", chain.clone())
            .text("directory", directory.clone())
            .text("size", mebibytes(*bytes))
    };
    let mut lines = vec![page.language.say_with("log-backed-up", &told())];
    lines.push(if before == position {
        page.say("log-backup-nothing-new")
    } else {
        let added = Args::new()
            .count("count", position.get() - before.get())
            .text("size", mebibytes(*added_bytes));
        page.language.say_with("log-backup-added", &added)
    });
    let told = Args::new().count("live", keys.live).count("destroyed", keys.destroyed);
    lines.push(page.language.say_with("log-backup-keys", &told));
    lines.extend(view.attachments.iter().flat_map(|carried| attachments_text(carried, page)));
    // Kept apart on purpose: a backup alone opens nothing.
    if let MasterKeySource::Generated(path) = &config.master_key {
        let told = Args::new().text("path", absolute(path).display().to_string());
        lines.push(page.language.say_with("log-backup-master-key", &told));
    }
    lines.join("\n") + "\n"
}

/// What went along, and what could not.
fn attachments_text(carried: &Carried, page: &Page<'_>) -> Vec<String> {
    let Carried { named, copied, copied_bytes, lost, lost_hashes, .. } = carried;
    let told = Args::new()
        .text("count", (named - lost).to_string())
        .text("copied", copied.to_string())
        .text("size", mebibytes(*copied_bytes));
    let mut lines = vec![page.language.say_with("log-backup-attachments", &told)];
    if *lost > 0 {
        let hashes: Vec<_> = lost_hashes.iter().map(ToString::to_string).collect();
        let told = Args::new().count("count", *lost).text("hashes", hashes.join(" "));
        lines.push(page.language.say_with("log-backup-attachments-lost", &told));
    }
    lines
}
