//! A sample of every event that can be stored, for golden files and for tests of other crates.
//!
//! Nothing builds unless every shape of the registry has samples, and every field and variant in
//! them is named. The samples of one event differ in the variants of its enums, so that a
//! variant that changes its place is found.

use domain::{
    AreaId, CivilDate, ContentHash, Coordinates, CustomerId, Datum, DayException, DeviceId,
    EngineerId, Epoch, Event, GlobalPosition, OutletId, Personal, RuleSetVersion, ServiceHours,
    Span, StaffId, TicketId, Timestamp, WeeklyHours,
};

use domain::rules::{Cel, Condition};

use crate::codec::with_shapes;

/// More than any stored enum has variants; the last one leaves out what is optional.
const SAMPLES_MAX: usize = 14;

/// A value whose parts depend on the number.
trait Sample {
    fn sample(number: usize) -> Self;
}

/// Samples of one shape.
#[derive(Debug, Clone)]
pub struct Samples {
    /// What the registry calls the shape.
    pub name: &'static str,
    /// Different from each other, at least one.
    pub events: Vec<Event>,
}

macro_rules! all_samples {
    (
        $($id:literal $version:ident $name:ident = $kind:ident $enum:ident $variant:ident ($type:ty) $(personal $field:ident)?;)*
        upcast $($old:tt)*
    ) => {
        /// Samples of everything that is written today.
        pub fn all() -> Vec<Samples> {
            vec![$(Samples {
                name: stringify!($name),
                events: different(|number| {
                    let event: $type = Sample::sample(number);
                    Event::$kind(kinds::$enum::$variant(event))
                }),
            },)*]
        }
    };
}

with_shapes!(all_samples);

/// The enums that the registry's table names.
mod kinds {
    pub(super) use domain::attachment::AttachmentEvent;
    pub(super) use domain::directory::{AreaEvent, CustomerEvent, DeviceEvent, OutletEvent};
    pub(super) use domain::engineer::EngineerEvent;
    pub(super) use domain::rules::RuleSetEvent;
    pub(super) use domain::ticket::TicketEvent;
    pub(super) use domain::{AuditEvent, LogEvent};
}

fn different(sample: impl Fn(usize) -> Event) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for event in (0..SAMPLES_MAX).map(sample) {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    events
}

macro_rules! structs {
    ($($type:path { $($field:ident),* };)*) => {$(
        impl Sample for $type {
            #[allow(unused_variables, reason = "some events have no field")]
            fn sample(number: usize) -> Self {
                Self { $($field: Sample::sample(number)),* }
            }
        }
    )*};
}

macro_rules! enums {
    ($($type:path { $($variant:ident $(($one:ident))? $({ $($field:ident),* })?),* };)*) => {$(
        impl Sample for $type {
            fn sample(number: usize) -> Self {
                let variants = [$(
                    Self::$variant $(({ let $one = Sample::sample(number); $one }))?
                        $({ $($field: Sample::sample(number)),* })?,
                )*];
                const { assert!([$(stringify!($variant)),*].len() < SAMPLES_MAX) };
                // A variant without a sample stops the build here.
                for variant in &variants {
                    match variant {
                        $(Self::$variant $(($one))? $({ $($field),* })? => {
                            $(let _ = $one;)?
                            $($(let _ = $field;)*)?
                        })*
                    }
                }
                let place = number % variants.len();
                variants.into_iter().nth(place).unwrap_or_else(|| unreachable!("it is a remainder"))
            }
        }
    )*};
}

structs! {
    domain::LogCreated { log_id, epoch };
    domain::EpochRaised { epoch, kept };
    domain::ticket::event::Created { channel, customer, outlet, area, device, skills, priority, urgent, has_sentence, has_place, entry, attachments, report };
    domain::ticket::event::DetailsAdded { customer, outlet, area, device, skills, priority, urgent, has_sentence, has_place, entry, attachments, report };
    domain::ticket::event::Claimed { agent, due };
    domain::ticket::event::ClaimEnded { entry };
    domain::ticket::event::Offered { number, engineers, due, reason };
    domain::ticket::event::OfferDeclined { number, engineer, words };
    domain::ticket::event::OfferExpired { number, due };
    domain::ticket::event::OfferWithdrawn { number, why, due };
    domain::ticket::event::Assigned { number, engineer, via, due, reason };
    domain::ticket::event::Accepted { number, engineer, due };
    domain::ticket::event::Declined { number, engineer, due, words };
    domain::ticket::event::Returned { number, engineer, due, words };
    domain::ticket::event::TimedOut { number, engineer, due };
    domain::ticket::event::Withdrawn { number, engineer, why, due };
    domain::ticket::event::TransferRequested { number, to, due };
    domain::ticket::event::TransferEnded { number, to, due };
    domain::ticket::event::Transferred { number, from, to, due };
    domain::ticket::event::Departed { number, due };
    domain::ticket::event::Arrived { number, due };
    domain::ticket::event::Held { number, reason, until, words };
    domain::ticket::event::Resumed { number, due };
    domain::ticket::event::Appointed { from, until, due, words };
    domain::ticket::event::AppointmentMissed { until };
    domain::ticket::event::HelperAdded { engineer };
    domain::ticket::event::HelperRemoved { engineer };
    domain::ticket::event::Noted { attachments, words };
    domain::ticket::event::Urged { count, words };
    domain::ticket::event::Resolved { number, engineer, method, fault_type, cause, parts, due, closes_at, attachments, words };
    domain::ticket::event::Reminded { number, due };
    domain::ticket::event::Confirmed { verdict, stars, call_back, attachments, words };
    domain::ticket::event::Rejected { engineer, stars, undo_until, attachments, words };
    domain::ticket::event::AnswerRetracted { due };
    domain::ticket::event::AnswerFlagged { verdict, engineer, stars, words };
    domain::ticket::event::AnswerContradicted { verdict, stars, words };
    domain::ticket::event::Escalated { level, without, due };
    domain::ticket::event::DispatchDeferred { reason, due };
    domain::ticket::event::Queued { entry };
    domain::ticket::event::OwnerAsked { number, due };
    domain::ticket::event::SilenceReported { number, due };
    domain::ticket::event::Told { whom, notice };
    domain::ticket::event::Merged { into };
    domain::ticket::event::MergedFrom { ticket };
    domain::ticket::event::Linked { to, kind, due, reason };
    domain::ticket::event::Unlinked { from, entry };
    domain::ticket::event::Cancelled { words };
    domain::ticket::event::Closed { words };
    domain::ticket::event::ClosedBySilence { reminders };
    domain::ticket::event::Reopened { due, words };
    domain::ticket::event::Imported { step, due, words };
    domain::ticket::event::AttachmentRemoved { hash, words };
    domain::ticket::event::MarkedUrgent { rule_set, met, priority };
    domain::ticket::event::Report { sentence, contact_name, contact_phone, place, position, attachment_names };
    domain::ticket::event::QueueEntry { role, person, reason, due };
    domain::ticket::event::Part { code, quantity };
    domain::engineer::ProfileSet { code, outlet, area, skills, capacity, roster, zone, retired, card };
    domain::engineer::DutyStarted { source };
    domain::engineer::DutyEnded { source };
    domain::engineer::LeaveSet { from, until };
    domain::engineer::OnCallSet { until };
    domain::engineer::WentOnline {};
    domain::engineer::WentOffline { why };
    domain::engineer::Moved { position };
    domain::engineer::PlaceTaken { ticket, assignment };
    domain::engineer::PlaceFreed { ticket, assignment, why };
    domain::engineer::Frozen { until, reason, words };
    domain::engineer::Unfrozen { why };
    domain::engineer::PersonCard { name, phone };
    domain::directory::Contact { name, phone, roles };
    domain::directory::CustomerCard { name, place, position, contacts };
    domain::directory::DevicePlace { place, position };
    domain::directory::StaffCard { id, name, phone };
    domain::directory::CustomerSet { code, outlet, card };
    domain::directory::DeviceSet { code, customer, outlet, model, serial, skills, warranty_until, place };
    domain::directory::OutletSet { code, name, area, position, hours };
    domain::directory::AreaSet { code, name, supervisor, deputy, director, engineers_min, staff };
    domain::rules::AcceptRules { within, urgent_within, offer_within, urgent_offer_within, transfer_within, redispatches_max, pause_outside_hours };
    domain::rules::QueueRules { within, urgent_within, claim_within, unassigned_within, duplicate_within, imported_within };
    domain::rules::WorkRules { silent_after, report_after, hold_default, hold_max, capacity_default };
    domain::rules::CloseRules { remind_after, silence_after, call_back_within, undo_within, reopen_within };
    domain::rules::FreezeRules { enabled, engineers_min };
    domain::rules::DuplicateRules { enabled, within, repeat_within, sure_percent, ask_percent, ask_within };
    domain::rules::BoardRules { red_after, flash_after, low_stars };
    domain::rules::CandidateRules { same_outlet, free_place, taken_place, kilometre };
    domain::rules::Rules { zone, hours, candidates, accept, queue, work, close, freeze, duplicates, urgent, board, exceptions };
    domain::rules::UrgentRules { enabled, when, ask, rounds_max, position_within };
    domain::rules::RuleException { when, accept_within, offer_within, unassigned_within, queue_within, silent_after, dispatch_by, queue_path };
    domain::rules::Met { at, found };
    domain::rules::RuleSetPublished { version, rules };
    domain::attachment::AttachmentLinked { attachment, ticket, upload, media, claims };
    domain::attachment::AttachmentQuarantined { hash, why };
    domain::attachment::AttachmentReleased { hash };
    domain::attachment::AttachmentErased { hash, words };
    domain::attachment::AttachmentOpened { hash, reads };
    domain::attachment::UploadFacts { by, via, begun_at, finished_at };
    domain::attachment::MediaFacts { width, height, duration_ms };
    domain::attachment::LinkedClaims { name, taken_at, position };
    domain::attachment::Read { by, first_at, last_at, times };
    domain::AttachmentsAudited { as_of, deep, named, intact, damaged, missing, removed, quarantined, erased, never_arrived, orphans, took_ms };
    domain::AttachmentRef { hash, bytes, media_type };
    domain::Words { text, attachment_names };
    domain::FilterCount { filter, engineers };
    domain::Candidate { engineer, score };
    domain::LinkCandidate { ticket, ground, percent };
    domain::LinkReason { rule_set, candidates };
    domain::DispatchReason { rule, rule_set, candidates, candidates_total, filtered };
}

enums! {
    domain::ticket::event::Channel { Api, Page, Phone, Chat, OnSite, Import };
    domain::ticket::event::Priority { Low, Normal, High, Critical };
    domain::ticket::event::QueueRole { CallBack, Supervisor, Deputy, Director };
    domain::ticket::event::QueueReason { EmptyReport, PartlySolved, ContradictingAnswers, RoundsExhausted, NobodyAvailable, NobodyAccepted, OwnerSilent, Escalated, ApprovalNeeded };
    domain::ticket::event::Entry { Dispatch { due }, CallBack(a) };
    domain::ticket::event::Via { Choice, Offer(a), Transfer };
    domain::ticket::event::WithdrawReason { ByHand, Reassigned, OfferedInstead, TicketEnded, Escalated };
    domain::ticket::event::HoldReason { WaitingForParts, WaitingForCustomer, CustomerAbsent, WaitingForApproval };
    domain::ticket::event::ResolutionMethod { ByPhone, Remotely, OnSite, ByItself };
    domain::ticket::event::LinkKind { Duplicate, RepeatVisit, Split, Related, Suspected };
    domain::ticket::event::Verdict { Satisfied, Partial, Unresolved };
    domain::ticket::event::Recipient { Supervisor(a), Deputy(a), Director(a), Engineer(a), Customer, Agents };
    domain::ticket::event::ImportedStep { Opened { customer, outlet, device, priority }, Assigned { engineer, outlet }, Reassigned { engineer, outlet }, Started, Held(a), Resolved, Closed, Reopened, AttachmentsNamed { count } };
    domain::ticket::event::Notice { NotAcceptedInTime, NobodyAvailable, InYourQueue, Unresolved, LowRating, OwnerSilent, WhatIsTheState, Urged, NoLongerYours, PleaseConfirm, NowUrgent, FewToAsk };
    domain::engineer::DutySource { ByHand, Roster };
    domain::engineer::OfflineReason { SignedOut, LeaseEnded };
    domain::engineer::PlaceFreedReason { TimedOut, Declined, Returned, Withdrawn, Transferred, Resolved, TicketEnded };
    domain::engineer::FreezeReason { Unresolved(a), ByHand };
    domain::engineer::UnfreezeReason { Lifted, AnswerRetracted(a) };
    domain::directory::ContactRole { Reports, OnSite, Confirms };
    domain::attachment::UploadVia { Tus, Form, Put, Text };
    domain::Party { Anonymous, Customer(a), Engineer(a), Agent(a), Supervisor(a), Director(a), Administrator(a), Dispatcher, Gateway, Import };
    domain::CommonGround { Device, ContactAndPlace, Contact, Place, Customer };
    domain::Rule { ByHand, FirstToAccept, LeastLoaded, NearestOnline };
    domain::Filter { OtherArea, LacksSkill, OffDuty, OnLeave, Frozen, NoFreePlace, PassedBefore, LeftOut, Offline, NoFreshPosition };
    domain::rules::DispatchBy { Assign, Offer, Approval };
    domain::rules::Test { Says(a), ImagesAtLeast(a), Urgent(a), PriorityAtLeast(a), ChannelIn(a), AreaIn(a), OutletIn(a), DeviceModelIn(a), WithinHours(a), Cel(a) };
    domain::rules::Finding { Says(a), Images(a), Urgent(a), Priority(a), Channel(a), Area(a), Outlet(a), DeviceModel(a), WithinHours, NoneOf, Cel(a) };
}

macro_rules! values {
    ($($type:ty = $value:expr;)*) => {$(
        impl Sample for $type {
            fn sample(_: usize) -> Self { $value }
        }
    )*};
}

values! {
    u8 = 4;
    u16 = 0x0102;
    u32 = 0x0102_0304;
    u64 = 0x0102_0304_0506_0708;
    u128 = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;
    i32 = -0x0102_0304;
    String = "主轴异响 spindle".to_owned();
    Cel = Cel::new(r#"images >= 2 && says("停机")"#);
    Timestamp = Timestamp::from_micros(1_790_000_000_123_456);
    Span = Span::minutes(30);
    Epoch = Epoch::new(3);
    GlobalPosition = GlobalPosition::new(0x0a0b_0c0d);
    RuleSetVersion = RuleSetVersion::new(7);
    ContentHash = ContentHash([0xab; 32]);
    TicketId = TicketId::from_u128(0x11);
    EngineerId = EngineerId::from_u128(0x22);
    CustomerId = CustomerId::from_u128(0x33);
    DeviceId = DeviceId::from_u128(0x44);
    OutletId = OutletId::from_u128(0x55);
    AreaId = AreaId::from_u128(0x66);
    StaffId = StaffId::from_u128(0x77);
    WeeklyHours = "Mon-Fri 08:00-12:00 13:30-18:00; Sun 22:00-06:00"
        .parse()
        .expect("the sample is well formed");
    ServiceHours = {
        let date: CivilDate = "2026-10-01".parse().expect("the sample is well formed");
        let holiday = DayException::parse(date, "09:00-12:00").expect("the sample is well formed");
        ServiceHours::new("Asia/Shanghai", WeeklyHours::sample(0), vec![holiday])
            .expect("the sample is well formed")
    };
}

impl Sample for bool {
    fn sample(number: usize) -> Self {
        number.is_multiple_of(2)
    }
}

impl Sample for Coordinates {
    fn sample(number: usize) -> Self {
        let datum = if number.is_multiple_of(2) { Datum::Wgs84 } else { Datum::Gcj02 };
        Self::new(31.230_416, 121.473_701, datum).expect("the sample is on the earth")
    }
}

impl Sample for Condition {
    fn sample(number: usize) -> Self {
        let is = || Self::Is(Sample::sample(number));
        let variants = [Self::All(vec![Self::Any(vec![is()]), is()]), Self::Not(vec![is()]), is()];
        // A variant without a sample stops the build here.
        match &variants[0] {
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Is(_) => {}
        }
        variants[number % variants.len()].clone()
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(number: usize) -> Self {
        (number + 1 < SAMPLES_MAX).then(|| T::sample(number))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(number: usize) -> Self {
        if number + 1 < SAMPLES_MAX {
            vec![T::sample(number), T::sample(number + 1)]
        } else {
            Self::new()
        }
    }
}

impl<T: Sample> Sample for Personal<T> {
    fn sample(number: usize) -> Self {
        Self::Known(T::sample(number))
    }
}
