//! Payloads as earlier releases wrote them, and how each becomes today's. Frozen: what a struct here
//! names of the domain is frozen with it. `ticket_imported` has the same fields in both its versions;
//! the second has a step more, which a release that knows only the first names as too new.

use domain::rules::{
    AcceptRules, BoardRules, CandidateRules, CloseRules, DuplicateRules, FreezeRules, QueueRules,
    RuleSetPublished, Rules, UrgentRules, WorkRules,
};
use domain::ticket::event::{LinkKind, Linked};
use domain::{RuleSetVersion, ServiceHours, TicketId, Timestamp};
use serde::Deserialize;

/// Before links said why.
#[derive(Deserialize)]
pub(super) struct LinkedV1 {
    to: TicketId,
    kind: LinkKind,
    due: Option<Timestamp>,
}

impl From<LinkedV1> for Linked {
    fn from(LinkedV1 { to, kind, due }: LinkedV1) -> Self {
        Self { to, kind, due, reason: None }
    }
}

/// Before there were rules for duplicates.
#[derive(Deserialize)]
pub(super) struct RuleSetPublishedV1 {
    version: RuleSetVersion,
    rules: RulesV1,
}

#[derive(Deserialize)]
struct RulesV1 {
    zone: String,
    hours: ServiceHours,
    accept: AcceptRules,
    queue: QueueRules,
    work: WorkRules,
    close: CloseRules,
    freeze: FreezeRules,
    board: BoardRules,
}

impl From<RuleSetPublishedV1> for RuleSetPublished {
    fn from(RuleSetPublishedV1 { version, rules }: RuleSetPublishedV1) -> Self {
        let RulesV1 { zone, hours, accept, queue, work, close, freeze, board } = rules;
        // The firm has not said otherwise, so the shipped ones hold.
        let duplicates = DuplicateRules::default();
        let rules = RulesV2 { zone, hours, accept, queue, work, close, freeze, duplicates, board };
        RuleSetPublishedV2 { version, rules }.into()
    }
}

/// Before there were rules for urgency, and exceptions.
#[derive(Deserialize)]
pub(super) struct RuleSetPublishedV2 {
    version: RuleSetVersion,
    rules: RulesV2,
}

#[derive(Deserialize)]
struct RulesV2 {
    zone: String,
    hours: ServiceHours,
    accept: AcceptRules,
    queue: QueueRules,
    work: WorkRules,
    close: CloseRules,
    freeze: FreezeRules,
    duplicates: DuplicateRules,
    board: BoardRules,
}

impl From<RuleSetPublishedV2> for RuleSetPublished {
    fn from(RuleSetPublishedV2 { version, rules }: RuleSetPublishedV2) -> Self {
        let RulesV2 { zone, hours, accept, queue, work, close, freeze, duplicates, board } = rules;
        // The firm has not said otherwise, so the shipped ones hold.
        let (urgent, exceptions) = (UrgentRules::default(), Vec::new());
        let candidates = CandidateRules::default();
        let rules = Rules {
            zone,
            hours,
            candidates,
            accept,
            queue,
            work,
            close,
            freeze,
            duplicates,
            urgent,
            board,
            exceptions,
        };
        Self { version, rules }
    }
}
