//! What all boards of one language show: sections, each with the number of the edition in which it
//! last changed. Whoever has seen an edition is sent what changed since, however far back it is,
//! so nothing has to be kept for a board that reads slowly.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use ::pages::board::{Section, message};
use axum::body::Bytes;
use domain::GlobalPosition;

/// The HTML of all sections.
pub(super) type Rendered = [String; Section::COUNT];

/// Names an edition: the run of the server, the edition's number in it, and the position that it
/// holds at. Boards come back with it as the id of what they saw last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EditionId {
    /// Numbers start over with the server, so that they mean something in one run only.
    pub(super) run: u64,
    pub(super) number: u64,
    pub(super) position: GlobalPosition,
}

impl fmt::Display for EditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}-{}", self.run, self.number, self.position)
    }
}

impl FromStr for EditionId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(());
        let run = u64::from_str_radix(part()?, 16).map_err(|_| ())?;
        let number = part()?.parse().map_err(|_| ())?;
        let position = GlobalPosition::new(part()?.parse().map_err(|_| ())?);
        parts.next().is_none().then_some(Self { run, number, position }).ok_or(())
    }
}

#[derive(Debug, Clone)]
struct Part {
    /// The number of the edition in which it became so.
    since: u64,
    html: Arc<str>,
}

/// What all boards of one language show.
#[derive(Debug)]
pub(super) struct Edition {
    pub(super) id: EditionId,
    parts: [Part; Section::COUNT],
    /// What changed since the edition before: the same bytes for everybody who has seen that.
    changes: Bytes,
}

impl Edition {
    /// The first edition of a run.
    pub(super) fn first(run: u64, position: GlobalPosition, rendered: Rendered) -> Self {
        let id = EditionId { run, number: 1, position };
        let parts = rendered.map(|html| Part { since: 1, html: html.into() });
        Self { id, changes: event(id, &parts, 0), parts }
    }

    /// The edition after this one; nothing when all sections are as they were.
    pub(super) fn next(&self, position: GlobalPosition, rendered: Rendered) -> Option<Self> {
        let id = EditionId { number: self.id.number + 1, position, ..self.id };
        let mut parts = self.parts.clone();
        let mut changed = false;
        for (part, html) in parts.iter_mut().zip(rendered) {
            if *part.html != *html {
                *part = Part { since: id.number, html: html.into() };
                changed = true;
            }
        }
        changed.then(|| Self { id, changes: event(id, &parts, self.id.number), parts })
    }

    /// The HTML of all sections.
    pub(super) fn sections(&self) -> [&str; Section::COUNT] {
        self.parts.each_ref().map(|part| &*part.html)
    }

    /// What brings a board that shows an earlier edition here; everything where it shows none of
    /// this run, nothing where it shows this one.
    pub(super) fn since(&self, seen: Option<EditionId>) -> Option<Bytes> {
        let seen = seen.filter(|seen| seen.run == self.id.run && seen.number <= self.id.number);
        match seen.map_or(0, |seen| seen.number) {
            current if current == self.id.number => None,
            before if before + 1 == self.id.number => Some(self.changes.clone()),
            earlier => Some(event(self.id, &self.parts, earlier)),
        }
    }

    /// The clock alone, changed or not: a sign of life that a page can see.
    pub(super) fn sign_of_life(&self) -> Bytes {
        let clock = Section::ALL.into_iter().zip(self.sections()).take(1);
        as_event(self.id, &message(clock))
    }
}

/// The sections that changed after an edition, as a server-sent event.
fn event(id: EditionId, parts: &[Part; Section::COUNT], after: u64) -> Bytes {
    let changed = Section::ALL.into_iter().zip(parts).filter(|(_, part)| part.since > after);
    as_event(id, &message(changed.map(|(section, part)| (section, &*part.html))))
}

fn as_event(id: EditionId, data: &str) -> Bytes {
    use fmt::Write;
    let mut text = String::with_capacity(data.len() + 1_024);
    // Writing to a string does not fail.
    let _written = writeln!(text, "id: {id}");
    // Any of the three ends of a line would end the field.
    for line in data.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: u64 = 7;

    fn at(position: u64) -> GlobalPosition {
        GlobalPosition::new(position)
    }

    fn rendered(texts: [&str; Section::COUNT]) -> Rendered {
        texts.map(str::to_owned)
    }

    fn first() -> Edition {
        Edition::first(RUN, at(10), rendered(["a", "b", "c", "d", "e", "f", "g"]))
    }

    fn seen(number: u64) -> Option<EditionId> {
        Some(EditionId { run: RUN, number, position: at(0) })
    }

    /// The sections that a message puts in place.
    fn sections(bytes: Option<&Bytes>) -> Vec<&'static str> {
        let text = bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let text = text.unwrap_or_default();
        let is_in = |id: &&str| text.contains(&format!("hx-target=\"#{id}\""));
        Section::ALL.into_iter().map(Section::id).filter(is_in).collect()
    }

    #[test]
    fn what_did_not_change_is_not_sent_again() {
        let one = first();
        assert!(one.next(at(11), rendered(["a", "b", "c", "d", "e", "f", "g"])).is_none());
        let two = one.next(at(11), rendered(["a", "B", "c", "d", "e", "f", "g"])).expect("news");
        assert_eq!(two.id, EditionId { run: RUN, number: 2, position: at(11) });
        assert_eq!(sections(two.since(seen(1)).as_ref()), ["counters"]);
        assert_eq!(two.since(seen(2)), None);
    }

    #[test]
    fn a_board_that_slept_is_sent_all_that_changed_meanwhile_in_its_newest_form() {
        let two = first().next(at(11), rendered(["A", "b", "c", "d", "e", "f", "g"]));
        let three =
            two.and_then(|it| it.next(at(12), rendered(["A", "b", "C", "d", "e", "f", "g"])));
        let four =
            three.and_then(|it| it.next(at(13), rendered(["A", "b", "C2", "d", "e", "f", "g"])));
        let four = four.expect("news");
        assert_eq!(sections(four.since(seen(2)).as_ref()), ["top"]);
        let all = four.since(seen(1)).expect("news");
        assert_eq!(sections(Some(&all)), ["clock", "top"]);
        assert!(String::from_utf8_lossy(&all).contains("C2"));
    }

    #[test]
    fn a_board_of_another_run_is_sent_everything() {
        let one = first();
        let other = Some(EditionId { run: RUN + 1, number: 1, position: at(10) });
        assert_eq!(sections(one.since(other).as_ref()).len(), Section::COUNT);
        assert_eq!(sections(one.since(None).as_ref()).len(), Section::COUNT);
        // Not possible in one run, and still no reason to show nothing.
        assert_eq!(sections(one.since(seen(9)).as_ref()).len(), Section::COUNT);
    }

    #[test]
    fn everybody_who_is_one_edition_behind_gets_the_same_bytes() {
        let two = first().next(at(11), rendered(["A", "b", "c", "d", "e", "f", "g"]));
        let two = two.expect("news");
        let (one, other) = (two.since(seen(1)).expect("news"), two.since(seen(1)).expect("news"));
        assert_eq!(one.as_ptr(), other.as_ptr());
    }

    #[test]
    fn an_id_is_read_as_it_is_written_and_lines_stay_within_their_event() {
        let id = first().id;
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "7-1", "x-1-2", "7-1-2-3"] {
            assert_eq!(wrong.parse::<EditionId>(), Err(()), "{wrong}");
        }
        let event = as_event(id, "one\r\n\r\ntwo\rid: other");
        let event = String::from_utf8_lossy(&event).into_owned();
        let lines: Vec<_> = event.lines().skip(1).collect();
        assert_eq!(lines, ["data: one", "data: two", "data: id: other", ""]);
    }
}
