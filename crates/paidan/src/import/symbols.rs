//! Short stand-ins for texts that come again and again.

use std::collections::HashMap;

/// Stands for a text; equal for equal texts of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Symbol(u32);

/// Gives each distinct text one symbol, so that little is kept for each case.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    known: HashMap<Box<str>, Symbol>,
}

impl Symbols {
    pub(super) fn of(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.known.get(text) {
            return *symbol;
        }
        let number = u32::try_from(self.known.len())
            .expect("the texts of four thousand million symbols do not fit in memory");
        self.known.insert(text.into(), Symbol(number));
        Symbol(number)
    }
}
