//! Scenarios: the core against the domain's own decisions, with a clock that only the test moves.

mod answers;
mod audit;
mod dispatching;
mod driver;
mod duplicates;
mod duty;
mod firm;
mod other_ways;
mod overruling;
mod restart;
mod rounds;
mod timers;
mod unresolved;
mod urgent;
mod world;
