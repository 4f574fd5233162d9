//! The book of reports: what was said by whom and where, for as long as another report can be of the
//! same fault. Words that are sealed from the core, or erased, are words that it does not know.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use domain::ticket::event::{Created, DetailsAdded, Report};
use domain::{
    CommonGround, Coordinates, CustomerId, DeviceId, Gist, GlobalPosition, Stamp, TicketId,
    Timestamp,
};

/// Reports that are looked at for one key, the latest first.
const LOOKED_AT_MAX: usize = 1_024;
/// Places on the map that are one place, and that may be one.
const SAME_PLACE_M: f64 = 50.0;
const NEAR_PLACE_M: f64 = 500.0;
/// Places in words from which likeness on, in percent, they may be one.
const NEAR_PLACE_PERCENT: u8 = 50;
/// Digits that a Chinese mobile number has without the country's.
const PHONE_DIGITS: usize = 11;

/// What is known of one report.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) at: Timestamp,
    pub(crate) position: GlobalPosition,
    device: Option<DeviceId>,
    customer: Option<CustomerId>,
    contact: Option<Contact>,
    place: Option<String>,
    spot: Option<Coordinates>,
    words: String,
}

// What people said stands in no log.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("at", &self.at).finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Contact {
    Phone(String),
    /// Where no telephone number was given.
    Name(String),
}

/// What reports are found by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Device(DeviceId),
    Contact(Contact),
    /// Of the words that name it.
    Place(u64),
    Customer(CustomerId),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

enum Place {
    Same,
    Unknown,
    Other,
}

impl Known {
    pub(crate) fn of(created: &Created, stamp: &Stamp) -> Self {
        let mut known = Self {
            at: stamp.occurred_at,
            position: stamp.position,
            device: created.device,
            customer: created.customer,
            contact: None,
            place: None,
            spot: None,
            words: String::new(),
        };
        known.learn(created.report.known());
        known
    }

    fn add(&mut self, added: &DetailsAdded) {
        self.device = added.device.or(self.device);
        self.customer = added.customer.or(self.customer);
        self.learn(added.report.known());
    }

    fn learn(&mut self, report: Option<&Report>) {
        let Some(report) = report else { return };
        // Who reported stays who reported; details often name somebody else on site.
        if self.contact.is_none() {
            self.contact = contact(report);
        }
        if report.place.is_some() || report.position.is_some() {
            (self.place, self.spot) = (report.place.clone(), report.position);
        }
        if let Some(sentence) = &report.sentence {
            if !self.words.is_empty() {
                self.words.push('。');
            }
            self.words.push_str(sentence);
        }
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let place = self.place.as_deref().map(|place| Key::Place(hash_of(&Gist::of(place))));
        [
            self.device.map(Key::Device),
            self.contact.clone().map(Key::Contact),
            place,
            self.customer.map(Key::Customer),
        ]
        .into_iter()
        .flatten()
    }

    pub(crate) fn gist(&self) -> Gist {
        Gist::of(&self.words)
    }

    /// What they have in common. Nothing when it is another device or another place, whoever
    /// reports it.
    pub(crate) fn common_ground(&self, other: &Self) -> Option<CommonGround> {
        if let (Some(ours), Some(theirs)) = (self.device, other.device) {
            return (ours == theirs).then_some(CommonGround::Device);
        }
        let same_contact = self.contact.is_some() && self.contact == other.contact;
        match self.place(other) {
            Place::Other => None,
            Place::Same if same_contact => Some(CommonGround::ContactAndPlace),
            Place::Same => Some(CommonGround::Place),
            Place::Unknown if same_contact => Some(CommonGround::Contact),
            Place::Unknown => {
                let same = self.customer.is_some() && self.customer == other.customer;
                same.then_some(CommonGround::Customer)
            }
        }
    }

    fn place(&self, other: &Self) -> Place {
        if let (Some(ours), Some(theirs)) = (&self.place, &other.place) {
            return match Gist::of(ours).likeness(&Gist::of(theirs)) {
                100 => Place::Same,
                NEAR_PLACE_PERCENT.. => Place::Unknown,
                _ => Place::Other,
            };
        }
        match (self.spot, other.spot) {
            // Of two grids nothing is exact enough.
            (Some(ours), Some(theirs)) if ours.datum() == theirs.datum() => {
                match ours.distance_m(theirs) {
                    ..=SAME_PLACE_M => Place::Same,
                    ..=NEAR_PLACE_M => Place::Unknown,
                    _ => Place::Other,
                }
            }
            _ => Place::Unknown,
        }
    }
}

fn contact(report: &Report) -> Option<Contact> {
    if let Some(phone) = &report.contact_phone {
        let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
        let own = digits.len().saturating_sub(PHONE_DIGITS);
        return (!digits.is_empty()).then(|| Contact::Phone(digits[own..].iter().collect()));
    }
    report.contact_name.as_ref().map(|name| Contact::Name(name.to_lowercase()))
}

fn hash_of(gist: &Gist) -> u64 {
    let mut hasher = DefaultHasher::new();
    gist.hash(&mut hasher);
    hasher.finish()
}

/// All that can still be of the same fault as a new one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports {
    known: HashMap<TicketId, Known>,
    by_key: BTreeSet<(Key, Timestamp, TicketId)>,
    by_age: BTreeSet<(Timestamp, TicketId)>,
}

impl Reports {
    pub(crate) fn get(&self, id: TicketId) -> Option<&Known> {
        self.known.get(&id)
    }

    pub(crate) fn insert(&mut self, id: TicketId, known: Known) {
        self.by_key.extend(known.keys().map(|key| (key, known.at, id)));
        self.by_age.insert((known.at, id));
        self.known.insert(id, known);
    }

    pub(crate) fn add(&mut self, id: TicketId, added: &DetailsAdded) {
        if let Some(mut known) = self.remove(id) {
            known.add(added);
            self.insert(id, known);
        }
    }

    fn remove(&mut self, id: TicketId) -> Option<Known> {
        let known = self.known.remove(&id)?;
        self.by_age.remove(&(known.at, id));
        for key in known.keys() {
            self.by_key.remove(&(key, known.at, id));
        }
        Some(known)
    }

    /// Forgets what was reported before this.
    pub(crate) fn forget(&mut self, before: Timestamp) {
        while let Some((at, id)) = self.by_age.first().copied()
            && at < before
        {
            self.remove(id);
        }
    }

    /// Tickets that were reported before this one and share something with it: within the long
    /// span what can make it a repeat visit, within the short one anything.
    pub(crate) fn around(
        &self,
        known: &Known,
        short: Duration,
        long: Duration,
    ) -> BTreeSet<TicketId> {
        let mut found = BTreeSet::new();
        for key in known.keys() {
            let span = match key {
                Key::Device(_) | Key::Contact(_) => long.max(short),
                Key::Place(_) | Key::Customer(_) => short,
            };
            let from = (key.clone(), known.at.minus(span), TicketId::from_u128(0));
            // What is recorded later may have happened earlier.
            let to = (key, known.at.plus(short), TicketId::from_u128(u128::MAX));
            let latest = self.by_key.range(from..=to).rev().take(LOOKED_AT_MAX);
            found.extend(latest.map(|(_, _, id)| *id).filter(|id| {
                self.known.get(id).is_some_and(|other| other.position < known.position)
            }));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: TicketId = TicketId::from_u128(1);
    const LATE: TicketId = TicketId::from_u128(2);

    fn known(minute: i64) -> Known {
        Known {
            at: Timestamp::from_seconds(minute * 60),
            position: GlobalPosition::new(u64::try_from(minute).expect("after the epoch")),
            device: Some(DeviceId::from_u128(1)),
            customer: Some(CustomerId::from_u128(1)),
            contact: Some(Contact::Phone("13800000001".into())),
            place: Some("一号车间".into()),
            spot: None,
            words: "冲床停了".into(),
        }
    }

    #[test]
    fn what_is_too_old_is_forgotten_under_every_key() {
        let mut reports = Reports::default();
        reports.insert(EARLY, known(1));
        reports.insert(LATE, known(2));
        reports.forget(known(2).at);
        assert!(reports.get(EARLY).is_none() && reports.get(LATE).is_some());
        assert_eq!((reports.by_age.len(), reports.by_key.len()), (1, 4));
    }

    #[test]
    fn only_what_came_before_is_found() {
        let mut reports = Reports::default();
        reports.insert(EARLY, known(1));
        reports.insert(LATE, known(2));
        let hour = Duration::from_secs(3_600);
        assert_eq!(reports.around(&known(2), hour, hour), BTreeSet::from([EARLY]));
        assert_eq!(reports.around(&known(1), hour, hour), BTreeSet::new());
    }

    #[test]
    fn what_people_said_stands_in_no_log() {
        let mut reports = Reports::default();
        reports.insert(EARLY, known(1));
        let logged = format!("{reports:?}");
        assert!(!logged.contains("冲床") && !logged.contains("1380000"), "{logged}");
    }
}
