//! The bytes of attachments.
//!
//! `store` keeps bytes under their hash. `uploads` brings them there over lines that break.
//! `describe` says what bytes are, `name` how they may be called, `thumbnail` shows images small,
//! `scan` asks a virus scanner. `hash` is a hash as text, `files` what outlasts a power cut, `steps`
//! where tests stop the process.
//!
//! Once bytes are stored they are there, whatever breaks; nothing but [`store::Store::erase`]
//! deletes them. Nothing holds a whole attachment in memory, save a thumbnail's source, which is
//! bounded. Of events, tickets and HTTP nothing is known here.

pub mod describe;
mod files;
mod hash;
pub mod name;
pub mod scan;
#[doc(hidden)]
pub mod steps;
pub mod store;
pub mod thumbnail;
pub mod uploads;

pub use files::{CutOff, FileError};
pub use hash::{hash_text, parse_hash};
pub use store::Store;
pub use thumbnail::Thumbnails;
pub use uploads::Uploads;
