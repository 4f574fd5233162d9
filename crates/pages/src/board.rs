//! The live board 实时作战看板.

use askama::Template;

use crate::Frame;

/// The board as it is at one moment.
#[derive(Debug, Template)]
#[template(path = "board.html")]
pub struct BoardPage {
    /// What every page has.
    pub frame: Frame,
    /// Open tickets.
    pub open: u64,
}
