//! Scenarios: the core against the domain's own decisions, with a clock that only the test moves.

mod answers;
mod audit;
mod dispatching;
mod driver;
mod duty;
mod firm;
mod restart;
mod rounds;
mod simulation;
mod timers;
mod unresolved;
mod world;
