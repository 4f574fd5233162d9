//! What happens to an engineer.

use domain::Timestamp;
use domain::engineer::{EngineerEvent, FreezeReason, ProfileSet, UnfreezeReason};

use super::draft::Draft;
use crate::{Args, Sentence, Speaker};

impl Speaker<'_> {
    pub(super) fn engineer_event(&self, event: &EngineerEvent, at: Timestamp) -> Sentence {
        use EngineerEvent as E;
        let language = self.language();
        let begin = |message: &str, args: &Args| Draft::new(self, at, message, args);
        let plain = |message: &str| begin(message, &Args::new());
        let about = |message: &str, ticket| {
            begin(message, &Args::new().text("ticket", self.ticket(ticket)))
        };
        let draft = match event {
            E::ProfileSet(it) => self.profile_set(it, at),
            E::DutyStarted(it) => {
                let source = language.duty_source(it.source);
                begin("event-duty-started", &Args::new().text("source", source))
            }
            E::DutyEnded(it) => {
                let source = language.duty_source(it.source);
                begin("event-duty-ended", &Args::new().text("source", source))
            }
            E::LeaveSet(it) if it.from < it.until => {
                let window = self.window(it.from, it.until, at);
                begin("event-leave-set", &Args::new().text("window", window))
            }
            E::LeaveSet(_) => plain("event-leave-cancelled"),
            E::OnCallSet(it) => match it.until {
                Some(until) => {
                    let args = Args::new().text("until", self.moment(until, at));
                    begin("event-on-call-set", &args)
                }
                None => plain("event-on-call-ended"),
            },
            E::WentOnline(_) => plain("event-went-online"),
            E::WentOffline(it) => {
                let why = language.offline_reason(it.why);
                begin("event-went-offline", &Args::new().text("why", why))
            }
            E::Moved(it) => plain("event-moved").personal(&it.position, |draft, position| {
                draft.detail("detail-position", super::draft::coordinates(*position))
            }),
            E::PlaceTaken(it) => about("event-place-taken", it.ticket),
            E::PlaceFreed(it) => {
                let args = Args::new()
                    .text("ticket", self.ticket(it.ticket))
                    .text("why", language.freed_reason(it.why));
                begin("event-place-freed", &args)
            }
            E::Frozen(it) => {
                let until = Args::new().text("until", self.moment(it.until, at));
                let draft = match it.reason {
                    FreezeReason::Unresolved(ticket) => {
                        begin("event-frozen-unresolved", &until.text("ticket", self.ticket(ticket)))
                    }
                    FreezeReason::ByHand => begin("event-frozen-by-hand", &until),
                };
                draft.words(&it.words)
            }
            E::Unfrozen(it) => match it.why {
                UnfreezeReason::Lifted => plain("event-unfrozen-lifted"),
                UnfreezeReason::AnswerRetracted(ticket) => {
                    about("event-unfrozen-retracted", ticket)
                }
            },
        };
        draft.done()
    }

    fn profile_set(&self, it: &ProfileSet, at: Timestamp) -> Draft<'_> {
        let message = if it.retired { "event-profile-retired" } else { "event-profile-set" };
        let card = it.card.known();
        let name = card.and_then(|card| card.name.clone()).or_else(|| it.code.clone());
        let name = name.unwrap_or_else(|| self.nameless(&it.card));
        let phone = card.and_then(|card| card.phone.clone());
        Draft::new(self, at, message, &Args::new().text("name", name))
            .detail_of("detail-code", it.code.clone(), |code| code)
            .detail_of("detail-phone", phone, |phone| phone)
            .detail_of("detail-outlet", it.outlet, |id| self.outlet(id))
            .detail_of("detail-area", it.area, |id| self.area(id))
            .details_of("detail-skills", &it.skills)
            .detail("detail-capacity", it.capacity.to_string())
            .detail("detail-roster", it.roster.to_string())
            .detail("detail-zone", it.zone.clone())
    }
}
