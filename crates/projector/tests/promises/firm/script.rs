//! Generated histories: numbers that choose among what can be done next.

use domain::attachment::{AttachmentCommand, Read};
use domain::engineer::{
    DutySource, EngineerCommand, FreezeReason, OfflineReason, Profile, UnfreezeReason,
};
use domain::ticket::{
    Accept, AcceptTransfer, AddHelper, Appoint, Arrive, AskOwner, Assign, Cancel, Claim, Close,
    CloseBySilence, Confirm, Create, Decline, Defer, Depart, Details, EndClaim, EndTransfer,
    Escalate, EscalateQueue, ExpireOffer, Hold, HoldReason, Import, ImportedStep, Link, LinkKind,
    Merge, MissAppointment, Note, Offer, Permit, Phase, PhaseName, Priority, QueueReason, Reject,
    Remind, RemoveAttachment, RemoveHelper, Reopen, ReportSilence, Resolve, Resume, RetractAnswer,
    Return, Ticket, TicketCommand, TimeOut, ToSupervisor, Transfer, Unlink, Urge, Verb, Verdict,
    Withdraw,
};
use domain::{Command, Coordinates, Datum, EngineerId, NewAttachment, Party, Span, TicketId};
use eventlog::Clock as _;
use proptest::prelude::*;

use super::{
    AGENT, CUSTOMER, DEVICE, ENGINEERS, Firm, OUTLETS, START, hours, minutes, photo, secret,
};

/// Tickets that a generated history is about: four of the firm, two of another system.
const TICKETS: u8 = 6;
const IMPORTED: u8 = 4;

pub(crate) const fn ticket_id(ticket: u8) -> TicketId {
    TicketId::from_u128(0x7100 + ticket as u128)
}

/// A choice. What it means depends on how the firm is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    ticket: u8,
    action: u16,
    pick: u16,
    wait: u8,
}

pub(crate) fn moves(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Move>> {
    let one = (0..TICKETS, any::<u16>(), any::<u16>(), any::<u8>())
        .prop_map(|(ticket, action, pick, wait)| Move { ticket, action, pick, wait });
    prop::collection::vec(one, count)
}

impl Move {
    fn one_of<T: Copy>(self, choices: &[T]) -> T {
        choices[usize::from(self.pick) % choices.len()]
    }

    fn bit(self, bit: u32) -> bool {
        self.pick >> bit & 1 == 1
    }

    fn regrets(self, ticket: &Ticket) -> bool {
        self.bit(2) && ticket.answer.is_some_and(|answer| answer.undo.is_some())
    }

    fn engineer(self) -> EngineerId {
        self.one_of(&ENGINEERS)
    }

    fn photo(self) -> NewAttachment {
        photo((self.pick >> 8) as u8)
    }

    /// None, one or two pictures.
    fn photos(self) -> Vec<NewAttachment> {
        let both = [self.photo(), photo(self.wait)];
        both.into_iter().take(usize::from(self.pick >> 3 & 3)).collect()
    }

    fn stars(self) -> Option<u8> {
        u8::try_from(self.pick % 6).ok().filter(|stars| *stars > 0)
    }

    fn words(self) -> String {
        secret("话").unwrap_or_default()
    }

    fn other_ticket(self) -> Option<TicketId> {
        u8::try_from(self.pick % u16::from(TICKETS)).ok().map(ticket_id)
    }
}

impl Firm {
    /// Does what the numbers choose. A command that is refused changes nothing.
    pub(crate) fn play(&mut self, choice: Move) {
        let id = ticket_id(choice.ticket);
        let ticket = self.state.tickets.get(&id).cloned();
        let due = ticket.as_ref().and_then(|ticket| ticket.due());
        let regrets = ticket.as_ref().is_some_and(|ticket| choice.regrets(ticket));
        match (choice.wait % 8, due) {
            // The time to take an answer back is short.
            _ if regrets => self.clock.advance(minutes(1)),
            (_, Some(due)) if ticket.as_deref().is_some_and(is_asked) => self.clock.set(due),
            (0 | 3, Some(due)) => self.clock.set(due),
            (1, _) => self.clock.advance(hours(30)),
            (2, _) => self.clock.advance(hours(3)),
            (_, _) => self.clock.advance(minutes(u64::from(choice.wait))),
        }
        let command = match (choice.action % 24, ticket) {
            (0, _) => self.about_engineers(choice),
            (1, _) => self.about_rules(choice),
            (2, _) => about_attachments(choice),
            (_, Some(ticket)) => Command::Ticket(id, self.about_ticket(choice, &ticket)),
            (_, None) if choice.ticket < IMPORTED => Command::Ticket(id, create(choice)),
            (_, None) => {
                let opened = ImportedStep::Opened {
                    customer: choice.bit(0).then_some(CUSTOMER),
                    outlet: choice.bit(1).then_some(OUTLETS[1]),
                    device: None,
                    priority: Priority::High,
                };
                Command::Ticket(id, Import { step: Some(opened), words: choice.words() }.into())
            }
        };
        let by = match choice.pick % 7 {
            0 => Party::Engineer(choice.engineer()),
            1 | 2 => Party::Customer(CUSTOMER),
            3 => Party::Dispatcher,
            _ => Party::Agent(AGENT),
        };
        let ago = if choice.pick.is_multiple_of(13) { minutes(90) } else { minutes(0) };
        match self.submit_late(by, &command, ago) {
            Ok(_) | Err(_) => {}
        }
    }

    fn about_ticket(&self, choice: Move, ticket: &Ticket) -> TicketCommand {
        let phase = ticket.phase.name();
        if ticket.imported && phase.permits(Verb::Import) == Permit::Yes && choice.bit(3) {
            let engineer = choice.bit(1).then(|| choice.engineer());
            let step = match choice.pick % 7 {
                0 => ImportedStep::Assigned { engineer, outlet: Some(OUTLETS[0]) },
                1 => ImportedStep::Reassigned { engineer, outlet: None },
                2 => ImportedStep::Started,
                3 => ImportedStep::Held(HoldReason::WaitingForParts),
                4 => ImportedStep::Resolved,
                5 => ImportedStep::Closed,
                _ => ImportedStep::Reopened,
            };
            return Import { step: Some(step), words: choice.words() }.into();
        }
        if choice.regrets(ticket) {
            return RetractAnswer {}.into();
        }
        let asked = is_asked(ticket);
        let is_permitted = |verb: &Verb| phase.permits(*verb) == Permit::Yes;
        let mut verbs: Vec<Verb> = Verb::ALL.iter().copied().filter(is_permitted).collect();
        // Most of a ticket's life is going forward, so that a history gets as far as answers.
        let forward: &[Verb] = match phase {
            PhaseName::Waiting | PhaseName::Queued => &[Verb::Assign, Verb::Offer],
            PhaseName::Offered | PhaseName::Assigned => &[Verb::Accept],
            PhaseName::Working if asked => &[Verb::ReportSilence],
            PhaseName::Working | PhaseName::OnHold if !ticket.helpers.is_empty() => {
                &[Verb::RemoveHelper, Verb::Resume]
            }
            PhaseName::Working => &[Verb::Resolve, Verb::Hold, Verb::Transfer, Verb::AskOwner],
            PhaseName::Resolved => &[Verb::Confirm, Verb::Reject, Verb::CloseBySilence],
            PhaseName::Closed | PhaseName::Cancelled => &[Verb::Reopen, Verb::Reject],
            _ => &[],
        };
        for _ in 0..verbs.len() / 2 {
            verbs.extend(forward);
        }
        // A merged ticket takes nothing; what it is told is refused.
        verbs.push(Verb::Note);
        command(choice, ticket, verbs[usize::from(choice.action) % verbs.len()])
    }

    fn about_engineers(&self, choice: Move) -> Command {
        let until = self.clock.now().plus(hours(u64::from(choice.wait % 9)));
        let command = match choice.pick % 10 {
            0 => EngineerCommand::Put(Profile {
                outlet: Some(OUTLETS[usize::from(choice.bit(5))]),
                capacity: Some(2 + u16::from(choice.wait % 4)),
                skills: vec!["焊接".into()],
                name: secret("新名"),
                phone: secret("4"),
                retired: choice.bit(6) && choice.bit(7),
                ..Profile::default()
            }),
            1 => EngineerCommand::EndDuty(DutySource::Roster),
            2 | 3 => EngineerCommand::StartDuty(DutySource::ByHand),
            4 => EngineerCommand::SetLeave { from: self.clock.now(), until },
            5 => EngineerCommand::SetOnCall { until: Some(until) },
            6 => EngineerCommand::GoOnline,
            7 => EngineerCommand::GoOffline(OfflineReason::LeaseEnded),
            8 => EngineerCommand::Move(
                Coordinates::new(31.0, 121.0 + f64::from(choice.wait) / 1_000.0, Datum::Wgs84)
                    .expect("on the earth"),
            ),
            _ if choice.bit(4) => EngineerCommand::Unfreeze(UnfreezeReason::Lifted),
            _ => EngineerCommand::Freeze {
                until: None,
                reason: FreezeReason::ByHand,
                words: choice.words(),
            },
        };
        Command::Engineer(choice.engineer(), command)
    }

    fn about_rules(&self, choice: Move) -> Command {
        let mut rules = self.state.rules.rules.clone();
        if choice.bit(0) {
            rules.zone = choice
                .one_of(&["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Apia"])
                .to_owned();
        } else {
            rules.board.red_after = Span::hours(1 + u32::from(choice.wait % 5));
        }
        Command::PublishRules(rules)
    }
}

fn about_attachments(choice: Move) -> Command {
    let by = Party::Engineer(choice.engineer());
    let command = match choice.wait % 5 {
        0 => AttachmentCommand::Quarantine { why: "Eicar-Test-Signature".into() },
        1 => AttachmentCommand::Release,
        2 if choice.bit(4) => AttachmentCommand::Erase { words: choice.words() },
        _ => AttachmentCommand::RecordReads(vec![Read {
            by,
            first_at: START,
            last_at: START,
            times: 1 + u32::from(choice.wait),
        }]),
    };
    Command::Attachment(choice.photo().hash, command)
}

fn is_asked(ticket: &Ticket) -> bool {
    matches!(&ticket.phase, Phase::Working(work) if work.asked)
}

fn create(choice: Move) -> TicketCommand {
    Create {
        customer: choice.bit(0).then_some(CUSTOMER),
        outlet: choice.bit(1).then(|| OUTLETS[usize::from(choice.bit(2))]),
        device: choice.bit(3).then_some(DEVICE),
        priority: choice.one_of(&[Priority::Low, Priority::Normal, Priority::Critical]),
        urgent: choice.bit(4),
        sentence: if choice.bit(5) { secret("坏了") } else { None },
        contact_name: secret("人"),
        contact_phone: secret("5"),
        attachments: choice.photos(),
        ..Create::default()
    }
    .into()
}

fn command(choice: Move, ticket: &Ticket, verb: Verb) -> TicketCommand {
    let engineer = Some(choice.engineer());
    let words = choice.words();
    let owner = ticket.assignment().map(|assignment| assignment.engineer);
    let assignment = ticket.assignment().map_or(0, |assignment| assignment.number);
    let offered = match &ticket.phase {
        Phase::Offered { offer } => offer.engineers.first().copied(),
        _ => None,
    };
    let asked = match &ticket.phase {
        Phase::Working(work) => work.transfer.map(|transfer| transfer.to),
        _ => None,
    };
    let soon = ticket.due().unwrap_or(ticket.created_at);
    match verb {
        Verb::Create => create(choice),
        Verb::Details => Details {
            outlet: choice.bit(1).then(|| OUTLETS[usize::from(choice.bit(2))]),
            customer: choice.bit(0).then_some(CUSTOMER),
            priority: choice.bit(3).then_some(Priority::High),
            urgent: choice.bit(4).then(|| choice.bit(5)),
            sentence: secret("还有"),
            attachments: choice.photos(),
            ..Details::default()
        }
        .into(),
        Verb::Claim => Claim { agent: Some(AGENT) }.into(),
        Verb::EndClaim => EndClaim {}.into(),
        Verb::Offer => {
            let engineers = if choice.bit(6) { &ENGINEERS[..] } else { &ENGINEERS[..2] };
            Offer { engineers: engineers.to_vec(), ..Offer::default() }.into()
        }
        Verb::ExpireOffer => ExpireOffer { offer: ticket.offers }.into(),
        Verb::Assign => Assign { engineer, ..Assign::default() }.into(),
        Verb::Accept => Accept { engineer: offered.or(owner) }.into(),
        Verb::Decline => Decline { engineer: offered.or(owner), words }.into(),
        Verb::Return => Return { engineer: owner, words }.into(),
        Verb::Transfer => Transfer { to: engineer }.into(),
        Verb::AcceptTransfer => AcceptTransfer { engineer: asked }.into(),
        Verb::EndTransfer => EndTransfer { assignment: Some(assignment) }.into(),
        Verb::TimeOut => TimeOut { assignment }.into(),
        Verb::Withdraw => Withdraw {}.into(),
        Verb::Depart => Depart { engineer: owner }.into(),
        Verb::Arrive => Arrive { engineer: owner }.into(),
        Verb::Hold => Hold { reason: Some(HoldReason::WaitingForParts), until: None, words }.into(),
        Verb::Resume => Resume {}.into(),
        Verb::Appoint => {
            Appoint { from: Some(soon.plus(hours(1))), until: Some(soon.plus(hours(40))), words }
                .into()
        }
        Verb::MissAppointment => MissAppointment {}.into(),
        Verb::AddHelper => AddHelper { engineer }.into(),
        Verb::RemoveHelper => RemoveHelper { engineer: ticket.helpers.first().copied() }.into(),
        Verb::Note => Note { words, attachments: choice.photos() }.into(),
        Verb::RemoveAttachment => {
            let hash = ticket.attachments.first().map(|named| named.hash);
            RemoveAttachment { hash, words }.into()
        }
        Verb::Urge => Urge { words }.into(),
        Verb::Resolve => {
            let attachments = choice.photos();
            Resolve { engineer: owner, words, attachments, ..Resolve::default() }.into()
        }
        Verb::Remind => {
            let number = match ticket.phase {
                Phase::Resolved { reminders, .. } => reminders + 1,
                _ => 1,
            };
            Remind { number }.into()
        }
        Verb::Confirm => {
            let verdict = choice.one_of(&[Verdict::Satisfied, Verdict::Partial]);
            let stars = choice.stars();
            Confirm { verdict: Some(verdict), stars, words, ..Confirm::default() }.into()
        }
        Verb::Reject => Reject { stars: choice.stars(), words, ..Reject::default() }.into(),
        Verb::RetractAnswer => RetractAnswer {}.into(),
        Verb::CloseBySilence => CloseBySilence {}.into(),
        Verb::Close => Close { words }.into(),
        Verb::Reopen => Reopen { words }.into(),
        Verb::Escalate => Escalate { without: None }.into(),
        Verb::ToSupervisor => ToSupervisor { reason: Some(QueueReason::NobodyAvailable) }.into(),
        Verb::EscalateQueue => EscalateQueue {}.into(),
        Verb::MarkUrgent => domain::ticket::MarkUrgent::default().into(),
        Verb::Defer => Defer { reason: None }.into(),
        Verb::AskOwner => AskOwner { assignment }.into(),
        Verb::ReportSilence => ReportSilence { assignment }.into(),
        Verb::Merge => Merge { into: choice.other_ticket() }.into(),
        Verb::Link => {
            let kind = choice.one_of(&[LinkKind::Duplicate, LinkKind::Related]);
            Link { to: choice.other_ticket(), kind: Some(kind), reason: None }.into()
        }
        Verb::Unlink => Unlink { from: ticket.links.first().map(|(linked, _)| *linked) }.into(),
        Verb::Cancel => Cancel { words }.into(),
        Verb::Import => Import { step: Some(ImportedStep::Started), words }.into(),
    }
}
