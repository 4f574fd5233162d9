//! Engineers' telephones: about half of them tell where they are while somebody looks at them. A
//! phone that is put away says so before its lease ends, so that no lease ends by itself.

use domain::{Coordinates, EngineerId, Party, Timestamp};

use super::Story;
use crate::act::{Act, EngineerStep};

impl Story {
    /// Plans that an engineer looks at the phone a moment before doing something with it.
    pub(super) fn plan_phone(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        engineer: EngineerId,
        place: Option<Coordinates>,
    ) {
        if !self.worker(engineer).is_some_and(|worker| worker.tells_presence) {
            return;
        }
        let say = |step| Act::Engineer { engineer, by: Party::Engineer(engineer), step };
        let before = std::time::Duration::from_secs(6);
        self.plan(at.minus(before), now, say(EngineerStep::Online));
        if let Some(place) = place {
            self.plan(at.minus(before / 2), now, say(EngineerStep::Position(place)));
        }
    }

    /// Whether the phone really does this now.
    pub(super) fn phone_does(
        &mut self,
        engineer: EngineerId,
        step: EngineerStep,
        now: Timestamp,
    ) -> bool {
        let index = self.firm.engineer(engineer).map_or(0, |index| index as u64);
        // Leases last two minutes; the agenda may move an act by two seconds.
        let mut draw = self.dice.draw("phone", &[index, now.as_micros().unsigned_abs()]);
        let look = draw.seconds(45, 110);
        let Some(worker) = self.worker(engineer) else { return true };
        match step {
            EngineerStep::Online => {
                let until = now.plus(look);
                worker.looks_until = Some(until);
                let by = Party::Engineer(engineer);
                self.plan(until, now, Act::Engineer { engineer, by, step: EngineerStep::Offline });
                true
            }
            EngineerStep::Offline => {
                // The agenda enters it within a second of the moment that was meant.
                let second = std::time::Duration::from_secs(1);
                let over = worker.looks_until.is_some_and(|until| until < now.plus(second));
                if over {
                    worker.looks_until = None;
                }
                over
            }
            EngineerStep::Position(_) => worker.looks_until.is_some(),
            EngineerStep::Unfreeze | EngineerStep::OnCall(_) | EngineerStep::Leave(..) => true,
        }
    }
}
