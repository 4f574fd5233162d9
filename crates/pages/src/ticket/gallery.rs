//! What was attached: a picture or a sign for each file, its name, who sent it and when. What
//! cannot be shown is told in words where it would be.

use std::time::Duration;

use domain::{ContentHash, Party, Timestamp};
use words::{Args, LocalTime, Speaker};

use crate::Frame;

/// So many more are shown to whoever asks for more.
const MORE: usize = 60;

/// What was attached, and how much of it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Gallery<'a> {
    /// In the order in which it came.
    pub attached: &'a [Attached],
    /// So many are shown.
    pub files: usize,
    /// Another one once any of them stands differently.
    pub mark: u64,
}

impl Gallery<'_> {
    /// So many are shown unless more are asked for: what happens now must not be far below them.
    pub const FILES: usize = 12;
}

/// A file that belongs to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Names the bytes.
    pub hash: ContentHash,
    /// What it is called; nothing where nobody said, or once that was erased.
    pub name: Option<String>,
    /// Sniffed from the bytes.
    pub media_type: String,
    /// How large it is.
    pub bytes: u64,
    /// How long it plays, where that is known.
    pub plays: Option<Duration>,
    /// Who sent it.
    pub by: Party,
    /// When the ticket named it.
    pub at: Timestamp,
    /// What can be shown of it.
    pub shown: Shown,
}

/// What can be shown of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// An image, made small.
    Image,
    /// A sound.
    Sound,
    /// A video.
    Video,
    /// A sign; it can be opened or saved.
    Sign,
    /// Nothing: it was taken out of view.
    Removed,
    /// Nothing until it is released.
    Quarantined,
    /// Nothing any more.
    Erased,
    /// Nothing: its bytes are missing.
    Missing,
}

/// One of them in words.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) hash: String,
    pub(super) name: String,
    /// How long it plays, where that is known, and how large it is.
    pub(super) size: String,
    pub(super) who: String,
    pub(super) at: (Timestamp, String),
    pub(super) shown: &'static str,
    /// Why there is nothing to see.
    pub(super) instead: Option<String>,
}

impl Tile {
    pub(super) fn href(&self) -> String {
        format!("/attachments/{}/content", self.hash)
    }

    pub(super) fn thumbnail(&self) -> String {
        format!("/attachments/{}/thumbnail?side=256", self.hash)
    }
}

pub(super) fn tiles(
    frame: &Frame,
    speaker: &Speaker<'_>,
    time: &LocalTime,
    now: Timestamp,
    gallery: Gallery<'_>,
) -> Vec<Tile> {
    let tile = |attached: &Attached| Tile {
        hash: attached.hash.to_string(),
        name: attached.name.clone().unwrap_or_else(|| frame.say("attachment-unnamed")),
        size: match attached.plays {
            Some(plays) => format!("{} · {}", playing(plays), size(attached.bytes)),
            None => size(attached.bytes),
        },
        who: speaker.party(attached.by),
        at: (attached.at, time.short(attached.at, now)),
        shown: name(&attached.shown),
        instead: instead(&attached.shown).map(|message| frame.say(message)),
    };
    gallery.attached.iter().take(gallery.files).map(tile).collect()
}

/// Where more are shown than here, and in words how many there are.
pub(super) fn more(frame: &Frame, gallery: Gallery<'_>) -> Option<(String, String)> {
    let Gallery { attached, files, .. } = gallery;
    let more = attached.len().checked_sub(files).filter(|more| *more > 0)?;
    let args = Args::new().count("more", u64::try_from(more).unwrap_or(u64::MAX));
    // The page opens where the reader left off.
    let all = frame.with(&format!("files={}", files + MORE));
    let href = format!("{all}#file-{}", files + 1);
    Some((href, frame.language.say_with("attachments-more", &args)))
}

const fn name(shown: &Shown) -> &'static str {
    match shown {
        Shown::Image => "image",
        Shown::Sound => "sound",
        Shown::Video => "video",
        Shown::Sign => "file",
        Shown::Removed => "removed",
        Shown::Quarantined => "quarantined",
        Shown::Erased => "erased",
        Shown::Missing => "missing",
    }
}

const fn instead(shown: &Shown) -> Option<&'static str> {
    match shown {
        Shown::Image | Shown::Sound | Shown::Video | Shown::Sign => None,
        Shown::Removed => Some("attachment-removed"),
        Shown::Quarantined => Some("attachment-quarantined"),
        Shown::Erased => Some("attachment-erased"),
        Shown::Missing => Some("attachment-missing"),
    }
}

/// A size as people read it, with as few digits as tell files apart.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    // Tenths of the unit, in whole numbers.
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// How long something plays, as players write it.
fn playing(plays: Duration) -> String {
    let seconds = plays.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plays_is_told_as_players_write_it() {
        for (seconds, text) in [(0, "0:00"), (83, "1:23"), (3_599, "59:59"), (36_061, "10:01:01")] {
            assert_eq!(playing(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 KB"),
            (482_113, "482 KB"),
            (2_147_483_648, "2.1 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
