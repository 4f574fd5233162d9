//! Paidan's pages as HTML: templates over view types, a few components that all pages share, and
//! the assets that go with them. Knows nothing of HTTP, of read models or of clocks: what it shows
//! is handed to it, with the moment that it is shown for.

mod assets;
mod frame;
mod notice;
mod past;

pub mod board;
pub mod projections;
pub mod questions;
pub mod ticket;
pub mod trial;

pub use assets::{Asset, asset, release};
pub use frame::{Frame, Simulated, Theme};
pub use notice::Notice;
pub use past::LookBack;
