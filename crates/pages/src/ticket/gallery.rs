//! What was attached: a picture or a sign for each file, its name, who sent it and when. What
//! cannot be shown is told in words where it would be.

use domain::{ContentHash, Party, Timestamp};
use words::{Args, LocalTime, Speaker};

use crate::Frame;

/// So many are shown; for more there is the API.
pub const ATTACHMENTS_MAX: usize = 60;

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
    attached: &[Attached],
) -> Vec<Tile> {
    let tile = |attached: &Attached| Tile {
        hash: attached.hash.to_string(),
        name: attached.name.clone().unwrap_or_else(|| frame.say("attachment-unnamed")),
        size: size(attached.bytes),
        who: speaker.party(attached.by),
        at: (attached.at, time.short(attached.at, now)),
        shown: name(&attached.shown),
        instead: instead(&attached.shown).map(|message| frame.say(message)),
    };
    attached.iter().take(ATTACHMENTS_MAX).map(tile).collect()
}

/// That there are more than are shown.
pub(super) fn more(frame: &Frame, attached: &[Attached]) -> Option<String> {
    let more = attached.len().checked_sub(ATTACHMENTS_MAX).filter(|more| *more > 0)?;
    let args = Args::new().count("more", u64::try_from(more).unwrap_or(u64::MAX));
    Some(frame.language.say_with("attachments-more", &args))
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

#[cfg(test)]
mod tests {
    use super::*;

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
