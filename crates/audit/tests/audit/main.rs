//! Audits of a small firm whose tickets go from hand to hand.

mod as_of;
mod collects;
mod custody;
mod elsewhere;
mod firm;
mod handovers;
mod losses;
mod thousand;
