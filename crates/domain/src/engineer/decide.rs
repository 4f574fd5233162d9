//! Answers to what is asked of an engineer's entry.

use std::sync::Arc;

use super::command::{EngineerCommand, Profile};
use super::event::{
    DutyEnded, DutyStarted, EngineerEvent, FreezeReason, Frozen, LeaveSet, Moved, OnCallSet,
    PersonCard, ProfileSet, UnfreezeReason, Unfrozen, WentOffline, WentOnline,
};
use super::state::{Engineer, Freeze};
use crate::attachment::Words;
use crate::calendar::Zone;
use crate::decision::{Aggregates, Change, Context};
use crate::id::EngineerId;
use crate::limits;
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// The most tickets that an engineer can be given at once.
const CAPACITY_MAX: u16 = 1000;

pub(crate) fn decide(
    aggregates: &dyn Aggregates,
    id: EngineerId,
    command: &EngineerCommand,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    if let EngineerCommand::Put(profile) = command {
        return put(aggregates, id, profile);
    }
    let engineer = aggregates.engineer(id).ok_or(Rejection::NotFound { stream: id.into() })?;
    let event: Option<EngineerEvent> = match command {
        EngineerCommand::Put(_) => None,
        EngineerCommand::StartDuty(source) => {
            if engineer.profile.retired {
                return Err(Rejection::Retired { engineer: id });
            }
            (!engineer.on_duty)
                .then_some(EngineerEvent::DutyStarted(DutyStarted { source: *source }))
        }
        EngineerCommand::EndDuty(source) => {
            engineer.on_duty.then_some(EngineerEvent::DutyEnded(DutyEnded { source: *source }))
        }
        EngineerCommand::SetLeave { from, until } => set_leave(&engineer, *from, *until),
        EngineerCommand::SetOnCall { until } => (engineer.on_call_until != *until)
            .then_some(EngineerEvent::OnCallSet(OnCallSet { until: *until })),
        EngineerCommand::GoOnline => {
            (!engineer.online).then_some(EngineerEvent::WentOnline(WentOnline {}))
        }
        EngineerCommand::GoOffline(why) => {
            engineer.online.then_some(EngineerEvent::WentOffline(WentOffline { why: *why }))
        }
        EngineerCommand::Move(coordinates) => {
            Some(EngineerEvent::Moved(Moved { position: (*coordinates).into() }))
        }
        EngineerCommand::Freeze { until, reason, words } => {
            freeze(aggregates, &engineer, *until, *reason, words, context.now)?
        }
        EngineerCommand::Unfreeze(why) => {
            // A customer who takes the answer back ends only what the answer began.
            let ends = |freeze: &Freeze| match why {
                UnfreezeReason::Lifted => true,
                UnfreezeReason::AnswerRetracted(ticket) => {
                    freeze.reason == FreezeReason::Unresolved(*ticket)
                }
            };
            let frozen = engineer.freeze_at(context.now).filter(ends);
            frozen.map(|_| EngineerEvent::Unfrozen(Unfrozen { why: *why }))
        }
    };
    Ok(event.map(|event| Change::own(id, event)).into_iter().collect())
}

fn put(
    aggregates: &dyn Aggregates,
    id: EngineerId,
    profile: &Profile,
) -> Result<Vec<Change>, Rejection> {
    let outlet = profile.outlet.map(|outlet| {
        aggregates
            .outlet(outlet)
            .ok_or(Rejection::UnknownReference { field: "outlet", stream: outlet.into() })
    });
    let outlet = outlet.transpose()?;
    for (field, value) in
        [("code", &profile.code), ("name", &profile.name), ("phone", &profile.phone)]
    {
        value.as_deref().map_or(Ok(()), |value| limits::name(field, value))?;
    }
    limits::names("skills", &profile.skills)?;
    let rules = aggregates.rules();
    let capacity = profile.capacity.unwrap_or(rules.rules.work.capacity_default);
    if !(1..=CAPACITY_MAX).contains(&capacity) {
        return Err(Rejection::invalid("capacity", format!("must be 1 to {CAPACITY_MAX}")));
    }
    if let Some(zone) = &profile.zone {
        Zone::new(zone).map_err(|unknown| Rejection::invalid("zone", unknown.to_string()))?;
    }
    let set = ProfileSet {
        code: limits::said(&profile.code),
        outlet: profile.outlet,
        area: outlet.and_then(|outlet: Arc<_>| outlet.entry.area),
        skills: profile.skills.clone(),
        capacity,
        roster: profile.roster.clone(),
        zone: profile.zone.clone().unwrap_or_else(|| rules.rules.zone.clone()),
        retired: profile.retired,
        card: PersonCard { name: limits::said(&profile.name), phone: limits::said(&profile.phone) }
            .into(),
    };
    if aggregates.engineer(id).is_some_and(|now| now.profile == set) {
        return Ok(Vec::new());
    }
    Ok(vec![Change::own(id, EngineerEvent::ProfileSet(set))])
}

fn set_leave(engineer: &Engineer, from: Timestamp, until: Timestamp) -> Option<EngineerEvent> {
    let same = match engineer.leave {
        Some(leave) => (leave.from, leave.until) == (from, until),
        None => from >= until,
    };
    (!same).then_some(EngineerEvent::LeaveSet(LeaveSet { from, until }))
}

fn freeze(
    aggregates: &dyn Aggregates,
    engineer: &Engineer,
    until: Option<Timestamp>,
    reason: FreezeReason,
    words: &str,
    now: Timestamp,
) -> Result<Option<EngineerEvent>, Rejection> {
    limits::text("words", words)?;
    let until =
        until.unwrap_or_else(|| Zone::or_utc(&aggregates.rules().rules.zone).end_of_day(now));
    if until <= now {
        return Err(Rejection::invalid("until", "must be in the future"));
    }
    // A freeze that lasts as long already needs no other.
    if engineer.freeze_at(now).is_some_and(|freeze| freeze.until >= until) {
        return Ok(None);
    }
    let words = Words::from(words.to_owned()).into();
    Ok(Some(EngineerEvent::Frozen(Frozen { until, reason, words })))
}
