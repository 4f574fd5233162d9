//! When reports come in, and what they are like: most at ten and at three, few at night; some
//! empty, some only «look at the picture», some that cannot wait, some twice.

use domain::ticket::{Channel, Create, Priority};
use domain::{Party, Timestamp};

use super::{Case, Story};
use crate::dice::Draw;
use crate::firm::{Device, TYPES};
use crate::local::Day;
use crate::words;

/// Reports of an ordinary working day, hour by hour: about 155.
const BY_HOUR: [u64; 24] =
    [1, 0, 0, 0, 0, 1, 2, 6, 13, 20, 18, 11, 7, 11, 17, 15, 12, 8, 5, 3, 2, 2, 1, 1];
/// Of a hundred on a Saturday or Sunday.
const WEEKEND_PERCENT: u64 = 45;

impl Story {
    pub(super) fn plan_reports(&mut self, day: Day, now: Timestamp) {
        let mut number = 0;
        for (hour, usual) in (0..).zip(BY_HOUR) {
            let mut draw = self.dice.draw("hour", &[day.number(), hour]);
            let share = if day.is_weekend() { WEEKEND_PERCENT } else { 100 };
            // Up to a quarter more or less; what is left of a report comes by chance.
            let hundredths = usual * share * (75 + draw.below(51)) / 100;
            let count = hundredths / 100 + u64::from(draw.below(100) < hundredths % 100);
            for _ in 0..count {
                let at = day.at_minute(hour * 60).plus(draw.seconds(0, 3_599));
                let (by, create) = self.report(day, number, at);
                self.plan_report(at, now, by, create);
                number += 1;
            }
        }
    }

    fn report(&self, day: Day, number: u64, at: Timestamp) -> (Party, Create) {
        let mut draw = self.dice.draw("report", &[day.number(), number]);
        let device = &self.firm.devices[draw.index(self.firm.devices.len())];
        let customer = &self.firm.customers[device.customer];
        let alarm = draw.percent(5);
        let sentence = sentence(device, alarm, &mut draw);
        // On the telephone and in a chat something is always said.
        let spoken =
            if sentence.is_empty() { words::VAGUE[0].to_owned() } else { sentence.clone() };
        match draw.below(100) {
            // Scanned at the device.
            0..44 => {
                let create = Create {
                    channel: Channel::Page,
                    customer: Some(customer.id),
                    device: Some(device.id),
                    sentence: (!sentence.is_empty()).then_some(sentence),
                    ..Create::default()
                };
                (Party::Customer(customer.id), create)
            }
            // Told an agent on the telephone.
            44..68 => {
                let contact = customer.entry.contacts.first();
                let high = if draw.percent(15) { Priority::High } else { Priority::Normal };
                let create = Create {
                    channel: Channel::Phone,
                    customer: Some(customer.id),
                    device: Some(device.id),
                    urgent: alarm,
                    priority: if alarm { Priority::Critical } else { high },
                    sentence: Some(spoken),
                    contact_name: contact.map(|contact| contact.name.clone()),
                    contact_phone: contact.and_then(|contact| contact.phone.clone()),
                    ..Create::default()
                };
                (self.agent_at(at, number), create)
            }
            // Written in a chat; the device is not said.
            68..89 => {
                let create = Create {
                    channel: Channel::Chat,
                    customer: Some(customer.id),
                    outlet: device.entry.outlet,
                    sentence: Some(spoken),
                    ..Create::default()
                };
                (Party::Customer(customer.id), create)
            }
            // Nothing at all: sent by mistake, or in a hurry.
            89..94 => (Party::Anonymous, Create { channel: Channel::Page, ..Create::default() }),
            // Somebody whom nobody knows.
            _ => {
                let create = Create {
                    channel: Channel::Page,
                    sentence: Some(spoken),
                    place: Some(format!("云州市示例路{}号", 300 + draw.below(90))),
                    contact_phone: Some(format!("1360000{:04}", draw.below(10_000))),
                    ..Create::default()
                };
                (Party::Anonymous, create)
            }
        }
    }

    /// Three in a hundred are reported once more, because nobody has come yet.
    pub(super) fn plan_again(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("again", case, 0);
        let known = case.customer.zip(case.device);
        let Some((customer, device)) = known.filter(|_| draw.percent(3)) else { return };
        let customer = self.firm.customers[customer].id;
        let create = Create {
            channel: Channel::Chat,
            customer: Some(customer),
            device: Some(self.firm.devices[device].id),
            sentence: Some(draw.words(words::AGAIN).to_owned()),
            ..Create::default()
        };
        let at = now.plus(draw.minutes(6, 50));
        self.plan_report(at, now, Party::Customer(customer), create);
    }
}

/// What is said of it; nothing, sometimes.
fn sentence(device: &Device, alarm: bool, draw: &mut Draw) -> String {
    let kind = &TYPES[device.kind];
    let said = match draw.below(100) {
        _ if alarm => draw.words(kind.alarms),
        0..8 => draw.words(words::PHOTO_ONLY),
        8..16 => draw.words(words::VAGUE),
        16..19 => "",
        _ => draw.words(kind.complaints),
    };
    said.to_owned()
}
