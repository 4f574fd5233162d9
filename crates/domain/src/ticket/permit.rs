//! Which state takes which command: one table, for decisions, receipts and buttons alike.

use super::command::Verb;
use super::state::{Phase, PhaseName, Ticket, Work};

/// What a state answers to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// It is looked at.
    Yes,
    /// It is refused.
    No,
    /// It is a timer's, and comes too late: nothing to do.
    Late,
}

impl PhaseName {
    /// Whether something still has to happen.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Merged | Self::Cancelled)
    }

    /// What a ticket in this state answers to a command.
    pub const fn permits(self, verb: Verb) -> Permit {
        let yes = match verb {
            Verb::Create => false,
            Verb::Details | Verb::Urge => self.is_open() && !matches!(self, Self::Resolved),
            Verb::Note => !matches!(self, Self::Merged),
            // What should not be seen is taken out of view wherever the ticket is.
            Verb::RemoveAttachment => true,
            // A claim that ends sends the ticket on; a duplicate stays where it is until it is
            // unlinked.
            Verb::Claim => matches!(
                self,
                Self::CallBack | Self::Claimed | Self::Waiting | Self::Queued | Self::Imported
            ),
            Verb::Offer => matches!(
                self,
                Self::CallBack
                    | Self::Claimed
                    | Self::Waiting
                    | Self::Offered
                    | Self::Assigned
                    | Self::Queued
                    | Self::Duplicate
                    | Self::Imported
            ),
            Verb::Assign | Verb::Escalate | Verb::Cancel | Verb::Merge => {
                self.is_open() && !matches!(self, Self::Resolved)
            }
            Verb::Resolve => self.is_open() && !matches!(self, Self::Resolved),
            Verb::Accept | Verb::Decline => {
                matches!(self, Self::Offered | Self::Assigned | Self::Working | Self::OnHold)
            }
            Verb::Return | Verb::Transfer | Verb::AcceptTransfer | Verb::EndTransfer => {
                matches!(self, Self::Working | Self::OnHold)
            }
            Verb::Withdraw => {
                matches!(self, Self::Offered | Self::Assigned | Self::Working | Self::OnHold)
            }
            Verb::Depart | Verb::Arrive | Verb::AskOwner | Verb::ReportSilence => {
                matches!(self, Self::Working)
            }
            Verb::Hold => matches!(self, Self::Working | Self::OnHold),
            Verb::Resume => matches!(self, Self::OnHold),
            Verb::Appoint => matches!(
                self,
                Self::CallBack
                    | Self::Claimed
                    | Self::Waiting
                    | Self::Offered
                    | Self::Assigned
                    | Self::Working
                    | Self::OnHold
                    | Self::Queued
            ),
            Verb::MissAppointment => self.is_open() && !matches!(self, Self::Resolved),
            Verb::AddHelper | Verb::RemoveHelper => {
                matches!(self, Self::Assigned | Self::Working | Self::OnHold)
            }
            Verb::EndClaim => matches!(self, Self::Claimed),
            Verb::ExpireOffer => matches!(self, Self::Offered),
            Verb::TimeOut => matches!(self, Self::Assigned),
            Verb::Remind | Verb::CloseBySilence => matches!(self, Self::Resolved),
            // A later answer is listened to wherever the first one has led the ticket.
            Verb::Confirm | Verb::Reject => {
                !matches!(self, Self::Merged | Self::Cancelled | Self::Imported)
            }
            Verb::RetractAnswer => {
                self.is_open() && !matches!(self, Self::Resolved | Self::Imported)
            }
            Verb::Close => matches!(
                self,
                Self::CallBack | Self::Claimed | Self::Queued | Self::Duplicate | Self::Imported
            ),
            Verb::Reopen => matches!(self, Self::Closed | Self::Cancelled),
            Verb::ToSupervisor => matches!(
                self,
                Self::CallBack
                    | Self::Claimed
                    | Self::Waiting
                    | Self::Offered
                    | Self::Assigned
                    | Self::Duplicate
                    | Self::Imported
            ),
            Verb::EscalateQueue => matches!(self, Self::CallBack | Self::Queued),
            Verb::Defer => matches!(self, Self::Waiting),
            Verb::MarkUrgent => self.is_open() && !matches!(self, Self::Resolved | Self::Imported),
            Verb::Link | Verb::Unlink => !matches!(self, Self::Merged),
            Verb::Import => matches!(self, Self::Imported | Self::Closed),
        };
        if yes {
            Permit::Yes
        } else if verb.is_timer() {
            Permit::Late
        } else {
            Permit::No
        }
    }

    /// What a person can do next, in the order of [`Verb::ALL`].
    pub fn allowed(self) -> Vec<Verb> {
        // Some are listened to and never asked for: a second answer, a second acceptance.
        let unasked = |verb: Verb| match verb {
            Verb::Import => true,
            Verb::Confirm | Verb::Reject => self != Self::Resolved,
            Verb::Accept | Verb::Decline => matches!(self, Self::Working | Self::OnHold),
            _ => false,
        };
        let offered =
            |verb: &Verb| !verb.is_timer() && !unasked(*verb) && self.permits(*verb) == Permit::Yes;
        Verb::ALL.iter().copied().filter(offered).collect()
    }
}

impl Ticket {
    /// What a person can do next: what the state takes, less what there is nothing for.
    pub fn allowed(&self) -> Vec<Verb> {
        let transfer = matches!(self.phase, Phase::Working(Work { transfer: Some(_), .. }));
        let mut allowed = self.phase.name().allowed();
        allowed.retain(|verb| match verb {
            Verb::RetractAnswer => self.answer.is_some_and(|answer| answer.undo.is_some()),
            Verb::Unlink => !self.links.is_empty(),
            Verb::RemoveHelper => !self.helpers.is_empty(),
            Verb::RemoveAttachment => self.attachments.iter().any(|named| !named.removed),
            Verb::AcceptTransfer => transfer,
            _ => true,
        });
        allowed
    }
}

impl Verb {
    /// Whether it is sent by a timer or rule, so that coming late is no mistake.
    pub const fn is_timer(self) -> bool {
        matches!(
            self,
            Self::EndClaim
                | Self::ExpireOffer
                | Self::TimeOut
                | Self::EndTransfer
                | Self::MissAppointment
                | Self::Remind
                | Self::CloseBySilence
                | Self::EscalateQueue
                | Self::Defer
                | Self::MarkUrgent
                | Self::AskOwner
                | Self::ReportSilence
        )
    }
}
