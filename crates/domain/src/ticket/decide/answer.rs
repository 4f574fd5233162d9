//! The customer's answer, and silence.

use super::ledger::{self, Ledger};
use super::work::reminder_due;
use crate::rejection::Rejection;
use crate::ticket::event::{
    AnswerContradicted, AnswerFlagged, AnswerRetracted, Closed, ClosedBySilence, Confirmed,
    Escalated, Queued, Rejected, Reminded, Reopened,
};
use crate::ticket::{
    Close, Confirm, Notice, Outcome, Phase, QueueEntry, QueueReason, QueueRole, Recipient, Reject,
    Remind, Reopen, Resolution, Verb, Verdict, WithdrawReason,
};
use crate::{Party, Personal, Timestamp, Words};

fn check_stars(stars: Option<u8>) -> Result<(), Rejection> {
    match stars {
        Some(stars) if !(1..=5).contains(&stars) => {
            Err(Rejection::invalid("stars", "must be 1 to 5, or absent"))
        }
        _ => Ok(()),
    }
}

/// Whether an answer counts now; one that does not is recorded as what it is.
enum Counts {
    Yes(Resolution),
    No,
}

fn counts(
    ledger: &mut Ledger<'_>,
    verb: Verb,
    verdict: Verdict,
    stars: Option<u8>,
    words: &Personal<Words>,
) -> Result<Counts, Rejection> {
    let ticket = ledger.ticket;
    // As long as it could be opened again, an answer to a closed ticket still matters.
    let until = match ticket.phase {
        Phase::Closed { at, .. } => at.plus(ledger.rules().close.reopen_within.duration()),
        _ => Timestamp::MAX,
    };
    let late = ledger.now() > until;
    let counting = match (ticket.answer, &ticket.phase, ticket.last_resolution) {
        (_, Phase::Resolved { resolution, .. }, _) => Some(*resolution),
        // Silence is no answer: the first real one still counts.
        (None, Phase::Closed { outcome: Outcome::BySilence, .. }, Some(done)) => Some(done),
        (None, phase, _) => return Err(Rejection::NotAllowed { verb, phase: phase.name() }),
        (Some(answer), ..) if answer.verdict == verdict => return Ok(Counts::No),
        (Some(_), ..) => None,
    };
    if late {
        return Err(Rejection::TooLate { until });
    }
    if let Party::Engineer(engineer) = ledger.context.actor.party {
        ledger.record(AnswerFlagged { verdict, engineer, stars, words: words.clone() });
        return Ok(Counts::No);
    }
    if let Some(resolution) = counting {
        return Ok(Counts::Yes(resolution));
    }
    ledger.record(AnswerContradicted { verdict, stars, words: words.clone() });
    // The first answer binds. What it closed an agent looks at again; what it kept open is in
    // somebody's hands already.
    if !ticket.is_open() {
        let entry = ledger.queue_entry(QueueRole::CallBack, QueueReason::ContradictingAnswers);
        ledger.record(Queued { entry });
    }
    ledger.tell(Recipient::Agents, Notice::InYourQueue);
    Ok(Counts::No)
}

fn tell_of_low_rating(ledger: &mut Ledger<'_>, stars: Option<u8>) {
    if stars.is_some_and(|stars| stars < ledger.rules().board.low_stars) {
        let (_, person) = ledger.person(QueueRole::Director);
        ledger.tell(Recipient::Director(person), Notice::LowRating);
    }
}

pub(super) fn confirm(ledger: &mut Ledger<'_>, confirm: &Confirm) -> Result<(), Rejection> {
    let brought = ledger.brought(&confirm.attachments)?;
    check_stars(confirm.stars)?;
    let verdict = confirm.verdict.unwrap_or(Verdict::Satisfied);
    if verdict == Verdict::Unresolved {
        return Err(Rejection::invalid("verdict", "send 未解决 as `reject`"));
    }
    let words = ledger::words("words", &confirm.words)?;
    if let Counts::No = counts(ledger, Verb::Confirm, verdict, confirm.stars, &words)? {
        ledger.keep(&brought);
        return Ok(());
    }
    let words = ledger::words_with("words", &confirm.words, &brought)?;
    let call_back = (verdict == Verdict::Partial).then(|| QueueEntry {
        role: QueueRole::CallBack,
        person: None,
        reason: QueueReason::PartlySolved,
        due: ledger.now().plus(ledger.rules().close.call_back_within.duration()),
    });
    let confirmed = Confirmed {
        verdict,
        stars: confirm.stars,
        call_back,
        attachments: brought.references(),
        words,
    };
    ledger.record_with(&brought, confirmed);
    tell_of_low_rating(ledger, confirm.stars);
    Ok(())
}

pub(super) fn reject(ledger: &mut Ledger<'_>, reject: &Reject) -> Result<(), Rejection> {
    let brought = ledger.brought(&reject.attachments)?;
    check_stars(reject.stars)?;
    let words = ledger::words("words", &reject.words)?;
    let Counts::Yes(resolution) =
        counts(ledger, Verb::Reject, Verdict::Unresolved, reject.stars, &words)?
    else {
        ledger.keep(&brought);
        return Ok(());
    };
    let words = ledger::words_with("words", &reject.words, &brought)?;
    let engineer = resolution.engineer;
    let undo_until = ledger.now().plus(ledger.rules().close.undo_within.duration());
    let stars = reject.stars;
    let attachments = brought.references();
    let rejected = Rejected { engineer, stars, undo_until, attachments, words };
    ledger.record_with(&brought, rejected);
    let due = ledger.unassigned_due();
    let level = ledger.ticket.level.saturating_add(1);
    ledger.record(Escalated { level, without: engineer, due });
    ledger.tell_supervisor(Notice::Unresolved);
    tell_of_low_rating(ledger, stars);
    Ok(())
}

pub(super) fn retract(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    let undo = ledger.ticket.answer.and_then(|answer| answer.undo).ok_or(Rejection::NoAnswer)?;
    if ledger.now() > undo.until {
        return Err(Rejection::TooLate { until: undo.until });
    }
    let Resolution { at, closes_at, .. } = undo.resolution;
    let due = reminder_due(ledger, at, 0, closes_at).max(ledger.now());
    ledger.release(WithdrawReason::TicketEnded, due);
    ledger.record(AnswerRetracted { due });
    Ok(())
}

pub(super) fn remind(ledger: &mut Ledger<'_>, remind: &Remind) -> Result<(), Rejection> {
    let Phase::Resolved { resolution, reminders, due } = ledger.ticket.phase else {
        return Ok(());
    };
    let planned = ledger.rules().close.remind_after.len();
    let is_next = remind.number == reminders + 1;
    if !is_next || usize::try_from(remind.number).is_ok_and(|number| number > planned) {
        return Ok(());
    }
    if ledger.now() < due {
        return Err(Rejection::NotDue { due });
    }
    let next = reminder_due(ledger, resolution.at, remind.number, resolution.closes_at);
    ledger.record(Reminded { number: remind.number, due: next });
    ledger.tell(Recipient::Customer, Notice::PleaseConfirm);
    Ok(())
}

pub(super) fn close_by_silence(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    if let Phase::Resolved { resolution, reminders, .. } = ledger.ticket.phase {
        let due = resolution.closes_at;
        if ledger.now() < due {
            return Err(Rejection::NotDue { due });
        }
        ledger.record(ClosedBySilence { reminders });
    }
    Ok(())
}

pub(super) fn close(ledger: &mut Ledger<'_>, close: &Close) -> Result<(), Rejection> {
    let words = ledger::required_words("words", &close.words)?;
    ledger.record(Closed { words });
    Ok(())
}

pub(super) fn reopen(ledger: &mut Ledger<'_>, reopen: &Reopen) -> Result<(), Rejection> {
    let words = ledger::words("words", &reopen.words)?;
    let ended = match ledger.ticket.phase {
        Phase::Closed { at, .. } | Phase::Cancelled { at } => at,
        ref phase => {
            return Err(Rejection::NotAllowed { verb: Verb::Reopen, phase: phase.name() });
        }
    };
    let until = ended.plus(ledger.rules().close.reopen_within.duration());
    if ledger.now() > until {
        return Err(Rejection::TooLate { until });
    }
    let due = ledger.unassigned_due();
    ledger.record(Reopened { due, words });
    Ok(())
}
