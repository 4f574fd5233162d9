//! Loading a firm's directory.

use std::io::BufRead;
use std::sync::Arc;

use domain::{Actor, CommandId, ImportBatchId, Issuer, Party, StreamId};
use engine::Engine;
use sheets::{BYTES_MAX, FILES_MAX, How, LoadError, Report, Sender, SheetText};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::lines::LineReader;
use super::protocol::{DirectoryLine, Reply};

/// So much text goes into one line; JSON can make it six times as long.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// Text of a sheet; it can be half as long again as its bytes were.
const SHEET_BYTES_MAX: usize = 2 * BYTES_MAX;

/// Whose commands they are, and under which names. The names are those of the run, so that a
/// later one can put an entry back as it was.
pub(super) fn load(
    engine: &Arc<Engine>,
    texts: &[SheetText],
    how: How,
    batch: ImportBatchId,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, LoadError> {
    let command_id = |entry: StreamId| CommandId {
        issuer: Issuer::Import("directory".to_owned()),
        key: format!("{batch}/{entry}"),
    };
    let sender = Sender { actor: Actor::system(Party::Import), command_id: &command_id };
    sheets::load(engine, texts, how, sender, progress)
}

/// Loads sheets that came over a connection, and answers with the report in lines of a bounded
/// length.
pub(super) fn answer(
    parts: &Parts,
    texts: &[SheetText],
    how: How,
    batch: ImportBatchId,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let mut pace = Pace::new();
    let mut gone = None;
    let mut progress = |done, total| {
        if gone.is_none() && pace.is_due(false) {
            let told = replies.send(Reply::Progress { done, total }).and_then(|()| replies.flush());
            gone = told.err();
        }
    };
    let loaded = load(&parts.engine, texts, how, batch, &mut progress);
    if let Some(error) = gone {
        return Err(error.into());
    }
    let mut report = loaded.map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    for change in std::mem::take(&mut report.changes) {
        replies.send(Reply::DirectoryChange(Box::new(change)))?;
    }
    for fault in std::mem::take(&mut report.errors) {
        replies.send(Reply::DirectoryFault(fault))?;
    }
    Ok(replies.send(Reply::DirectoryLoaded(report))?)
}

/// The lines of sheets on their way to a server.
pub(super) fn lines(texts: &[SheetText]) -> impl Iterator<Item = DirectoryLine> {
    let of_sheet = |text: &SheetText| {
        let begin = DirectoryLine::Sheet { name: text.name.clone(), sheet: text.sheet };
        std::iter::once(begin).chain(pieces(&text.text))
    };
    let sheets: Vec<_> = texts.iter().flat_map(of_sheet).collect();
    sheets.into_iter().chain([DirectoryLine::End])
}

fn pieces(mut text: &str) -> Vec<DirectoryLine> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(TEXT_BYTES_MAX));
        pieces.push(DirectoryLine::Text(piece.to_owned()));
        text = rest;
    }
    pieces
}

/// Reads sheets that come over a connection.
pub(super) fn read<R: BufRead>(lines: &mut LineReader<R>) -> Result<Vec<SheetText>, Failure> {
    let wrong = |message: &str| Failure::new(FailureKind::BadRequest, message);
    let mut texts: Vec<SheetText> = Vec::new();
    loop {
        let line = lines.next().map_err(|error| Failure::of(FailureKind::BadRequest, &error))?;
        match line {
            DirectoryLine::Sheet { .. } if texts.len() == FILES_MAX => {
                return Err(wrong("there are more sheets than are loaded at once"));
            }
            DirectoryLine::Sheet { name, sheet } => {
                texts.push(SheetText { name, sheet, text: String::new() });
            }
            DirectoryLine::Text(piece) => {
                let sheet = texts.last_mut().ok_or_else(|| wrong("text without a sheet"))?;
                if sheet.text.len() + piece.len() > SHEET_BYTES_MAX {
                    return Err(wrong("a sheet is larger than any"));
                }
                sheet.text.push_str(&piece);
            }
            DirectoryLine::End => return Ok(texts),
        }
    }
}
