//! A firm's rules as a TOML file that people edit.
//!
//! `write` makes the file, with what each field means beside it; `read` takes it back and finds
//! everything that is wrong at once; `problem` says what and where. All three go by
//! [`Rules::fields`](domain::rules::Rules::fields), so a new field needs nothing here.

mod conditions;
mod place;
mod problem;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use place::Place;
pub use problem::{Problem, Wrong};
pub use read::read;
pub use write::{value, write};
