//! What happens to the directory, the rules and the log itself.

use domain::directory::{AreaEvent, CustomerEvent, DeviceEvent, OutletEvent};
use domain::rules::RuleSetEvent;
use domain::{LogEvent, Personal, Timestamp};

use super::draft::{Draft, coordinates};
use crate::{Args, Sentence, Speaker};

impl Speaker<'_> {
    fn entry(&self, message: &str, name: String) -> Draft<'_> {
        // Entries tell no moments within a day.
        Draft::new(self, Timestamp::MIN, message, &Args::new().text("name", name))
    }

    /// What stands for a name that was never said, or is not known any more.
    pub(super) fn nameless<T>(&self, card: &Personal<T>) -> String {
        self.say(match card {
            Personal::Known(_) => "unnamed",
            Personal::Erased => "erased",
        })
    }

    pub(super) fn customer_event(&self, event: &CustomerEvent) -> Sentence {
        let CustomerEvent::CustomerSet(it) = event;
        let card = it.card.known();
        let name = card.and_then(|card| card.name.clone()).or_else(|| it.code.clone());
        let contacts: Vec<_> = card
            .into_iter()
            .flat_map(|card| &card.contacts)
            .map(|contact| match &contact.phone {
                Some(phone) => format!("{} {phone}", contact.name),
                None => contact.name.clone(),
            })
            .collect();
        self.entry("event-customer-set", name.unwrap_or_else(|| self.nameless(&it.card)))
            .detail_of("detail-code", it.code.clone(), |code| code)
            .detail_of("detail-outlet", it.outlet, |id| self.outlet(id))
            .detail_of("detail-place", card.and_then(|card| card.place.clone()), |place| place)
            .detail_of("detail-position", card.and_then(|card| card.position), coordinates)
            .details_of("detail-contact", &contacts)
            .done()
    }

    pub(super) fn device_event(&self, event: &DeviceEvent) -> Sentence {
        let DeviceEvent::DeviceSet(it) = event;
        let what: Vec<_> = [&it.model, &it.serial].into_iter().flatten().cloned().collect();
        let name = if what.is_empty() { it.code.clone() } else { Some(what.join(" ")) };
        let place = it.place.known();
        self.entry("event-device-set", name.unwrap_or_else(|| self.say("unnamed")))
            .detail_of("detail-code", it.code.clone(), |code| code)
            .detail_of("detail-customer", it.customer, |id| self.customer(id))
            .detail_of("detail-outlet", it.outlet, |id| self.outlet(id))
            .details_of("detail-skills", &it.skills)
            .detail_of("detail-warranty", it.warranty_until, |at| self.time().to_minute(at))
            .detail_of("detail-place", place.and_then(|it| it.place.clone()), |place| place)
            .detail_of("detail-position", place.and_then(|it| it.position), coordinates)
            .done()
    }

    pub(super) fn outlet_event(&self, event: &OutletEvent) -> Sentence {
        let OutletEvent::OutletSet(it) = event;
        self.entry("event-outlet-set", it.name.clone())
            .detail_of("detail-code", it.code.clone(), |code| code)
            .detail_of("detail-area", it.area, |id| self.area(id))
            .detail_of("detail-position", it.position, coordinates)
            .detail("detail-hours", it.hours.weekly().to_string())
            .detail("detail-zone", it.hours.zone())
            .done()
    }

    pub(super) fn area_event(&self, event: &AreaEvent) -> Sentence {
        let AreaEvent::AreaSet(it) = event;
        let staff = it.staff.known();
        let who = |id| {
            let card = staff.into_iter().flatten().find(|card| card.id == id);
            card.and_then(|card| card.name.clone()).unwrap_or_else(|| self.staff(id))
        };
        self.entry("event-area-set", it.name.clone())
            .detail_of("detail-code", it.code.clone(), |code| code)
            .detail_of("detail-supervisor", it.supervisor, who)
            .detail_of("detail-deputy", it.deputy, who)
            .detail_of("detail-director", it.director, who)
            .detail("detail-engineers-min", it.engineers_min.to_string())
            .done()
    }

    pub(super) fn rules_event(&self, event: &RuleSetEvent) -> Sentence {
        let RuleSetEvent::RuleSetPublished(it) = event;
        let args = Args::new().text("version", it.version.to_string());
        Draft::new(self, Timestamp::MIN, "event-rule-set-published", &args)
            .detail("detail-zone", it.rules.zone.clone())
            .done()
    }

    pub(super) fn log_event(&self, event: &LogEvent) -> Sentence {
        let begin = |message: &str, args: &Args| Draft::new(self, Timestamp::MIN, message, args);
        match event {
            LogEvent::LogCreated(it) => begin("event-log-created", &Args::new())
                .detail("detail-log", format!("{:032x}", it.log_id))
                .done(),
            LogEvent::EpochRaised(it) => {
                let args = Args::new()
                    .text("kept", it.kept.to_string())
                    .text("epoch", it.epoch.get().to_string());
                begin("event-epoch-raised", &args).done()
            }
        }
    }
}
