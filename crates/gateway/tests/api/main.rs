//! The API as clients see it: real requests against the write side, a log in memory and live read
//! models; status and body are compared together.

mod world;

mod as_of;
mod attachments;
mod audits;
mod board;
mod board_page;
mod bulk;
mod conditions;
mod directory;
mod document;
mod feed;
mod idempotency;
mod life;
mod pages;
mod past_pages;
mod presence;
mod problems;
mod projections_page;
mod question_pages;
mod race;
mod rebuilds;
mod refusals;
mod rules;
mod sheets;
mod status;
mod stream;
mod ticket_page;
mod trial_page;
