//! Who has how much to do, and who can be given more.

use domain::engineer::{EngineerCommand, FreezeReason, OfflineReason};
use domain::ticket::{
    Accept, AcceptTransfer, Assign, Create, Hold, HoldReason, Resolve, Resume, Transfer,
};
use domain::{Command, EngineerId, Filter, Party, TicketId, Timestamp};
use projector::engineer_load::{EngineerFilter, EngineerLoadRow, PlaceState};
use projector::{Projector, ProjectorOptions};

use crate::equality::settle;
use crate::firm::{AGENT, ENGINEERS, Firm, OUTLETS, hours, ticket_id};

const T1: TicketId = ticket_id(1);

fn loads(firm: &Firm, filter: &EngineerFilter, now: Timestamp) -> Vec<EngineerLoadRow> {
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    let rows = projector.models().engineers_load(filter, now).value;
    projector.stop().expect("a clean end");
    rows
}

fn all(firm: &Firm) -> Vec<EngineerLoadRow> {
    loads(firm, &EngineerFilter::default(), firm.now())
}

fn state(firm: &Firm, place: usize) -> Option<PlaceState> {
    let row = &all(firm)[place];
    assert_eq!(row.load.taken, row.places.len());
    assert_eq!(row.load.taken + row.load.free, usize::from(row.capacity));
    row.places.first().map(|place| place.state)
}

fn tell(firm: &mut Firm, engineer: EngineerId, command: EngineerCommand) {
    let command = Command::Engineer(engineer, command);
    firm.submit(Party::Administrator(AGENT), &command).expect("legal");
}

#[test]
fn a_place_is_assigned_accepted_on_hold_and_free_again() {
    let mut firm = Firm::new();
    assert_eq!(state(&firm, 0), None);
    firm.step(T1, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
    let engineer = Some(ENGINEERS[0]);
    firm.step(T1, Assign { engineer, ..Assign::default() });
    assert_eq!(state(&firm, 0), Some(PlaceState::Assigned));
    firm.step(T1, Accept { engineer });
    assert_eq!(state(&firm, 0), Some(PlaceState::Accepted));
    firm.step(T1, Hold { reason: Some(HoldReason::WaitingForParts), ..Hold::default() });
    assert_eq!(state(&firm, 0), Some(PlaceState::OnHold));
    firm.step(T1, Resume {});
    assert_eq!(state(&firm, 0), Some(PlaceState::Accepted));
    firm.step(T1, Resolve::default());
    assert_eq!(state(&firm, 0), None);
}

#[test]
fn a_transfer_moves_accepted_work_with_its_hold() {
    let mut firm = Firm::new();
    firm.step(T1, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
    let engineer = Some(ENGINEERS[0]);
    firm.step(T1, Assign { engineer, ..Assign::default() });
    firm.step(T1, Accept { engineer });
    firm.step(T1, Hold { reason: Some(HoldReason::WaitingForParts), ..Hold::default() });
    firm.step(T1, Transfer { to: Some(ENGINEERS[1]) });
    assert_eq!((state(&firm, 0), state(&firm, 1)), (Some(PlaceState::OnHold), None));
    firm.step(T1, AcceptTransfer { engineer: Some(ENGINEERS[1]) });
    assert_eq!((state(&firm, 0), state(&firm, 1)), (None, Some(PlaceState::OnHold)));
    firm.step(T1, Resume {});
    assert_eq!(state(&firm, 1), Some(PlaceState::Accepted));
}

#[test]
fn freeze_leave_and_on_call_hold_for_as_long_as_they_were_set() {
    let mut firm = Firm::new();
    let until = firm.now().plus(hours(2));
    let reason = FreezeReason::ByHand;
    let freeze = EngineerCommand::Freeze { until: Some(until), reason, words: String::new() };
    tell(&mut firm, ENGINEERS[0], freeze);
    let from = firm.now().plus(hours(1));
    tell(&mut firm, ENGINEERS[1], EngineerCommand::SetLeave { from, until });
    tell(&mut firm, ENGINEERS[2], EngineerCommand::EndDuty(domain::engineer::DutySource::ByHand));
    tell(&mut firm, ENGINEERS[2], EngineerCommand::SetOnCall { until: Some(until) });
    tell(&mut firm, ENGINEERS[2], EngineerCommand::GoOnline);
    let why = |now| {
        let rows = loads(&firm, &EngineerFilter::default(), now);
        rows.iter().map(|row| row.unavailable).collect::<Vec<_>>()
    };
    assert_eq!(why(firm.now()), [Some(Filter::Frozen), None, None]);
    assert_eq!(why(from), [Some(Filter::Frozen), Some(Filter::OnLeave), None]);
    assert_eq!(why(until), [None, None, Some(Filter::OffDuty)]);
    let rows = all(&firm);
    assert_eq!(rows[0].frozen.map(|freeze| freeze.until), Some(until));
    assert!(rows[2].online && rows[2].on_call && !rows[2].on_duty);
    tell(&mut firm, ENGINEERS[2], EngineerCommand::GoOffline(OfflineReason::SignedOut));
    assert!(!all(&firm)[2].online);
    let available = EngineerFilter { available: Some(true), ..EngineerFilter::default() };
    assert_eq!(loads(&firm, &available, firm.now()).len(), 2);
    let elsewhere = EngineerFilter { outlet: Some(OUTLETS[1]), ..EngineerFilter::default() };
    assert_eq!(loads(&firm, &elsewhere, firm.now()), []);
}

#[test]
fn a_board_shows_frozen_engineers_first_then_those_with_the_least_room() {
    let mut firm = Firm::new();
    firm.step(T1, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
    firm.step(T1, Assign { engineer: Some(ENGINEERS[1]), ..Assign::default() });
    let until = firm.now().plus(hours(1));
    let freeze = EngineerCommand::Freeze {
        until: Some(until),
        reason: FreezeReason::ByHand,
        words: String::new(),
    };
    tell(&mut firm, ENGINEERS[2], freeze);
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    let shown = |limit, now| {
        let shown = projector.models().busiest_engineers(limit, now).value;
        assert_eq!(shown.total, ENGINEERS.len() as u64);
        shown.engineers.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(2, firm.now()), [ENGINEERS[2], ENGINEERS[1]]);
    // The freeze is over.
    assert_eq!(shown(1, until), [ENGINEERS[1]]);
    assert_eq!(shown(100, until).len(), ENGINEERS.len());
    projector.stop().expect("a clean end");
}
