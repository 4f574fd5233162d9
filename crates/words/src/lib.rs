//! What Paidan says to people: pages, messages and histories, in Chinese and English alike.
//!
//! Each message has a name and stands once per language in `messages/*.ftl` (Project Fluent).
//! Both languages have the same messages with the same variables; a test says where they do not.
//! Nothing here knows of HTML or HTTP.

mod catalogue;
mod category;
mod event;
mod language;
mod names;
mod next;
mod rules;
mod sentence;
mod speaker;
mod term;
mod time;

pub use catalogue::Args;
pub use category::Category;
pub use language::{Language, UnknownLanguage};
pub use names::{Names, NoNames};
pub use sentence::{Detail, Said, Sentence, Why};
pub use speaker::Speaker;
pub use time::LocalTime;
