//! How alike two descriptions of a fault are.
//!
//! The measure is Dice's coefficient over the bigrams of characters, 2·|A∩B| / (|A|+|B|), each
//! bigram counted as often as it occurs (L. R. Dice, "Measures of the amount of ecologic association
//! between species", Ecology 26, 1945; for strings: G. W. Adamson and J. Boreham, 1974). It needs no
//! dictionary, which Chinese reports full of model codes would only confuse.
//!
//! What is denied is tagged, as B. Pang, L. Lee and S. Vaithyanathan do with `NOT_` ("Thumbs up?",
//! EMNLP 2002), and texts that contradict each other are not alike at all, however much of them is
//! the same: one denies what the other says, each names a number, letter or symptom that the other
//! does not, or they say opposite things. That errs on the side of going there once too often.

mod marks;
mod said;
mod tokens;

use std::collections::BTreeSet;

pub use said::Said;

use marks::Mark;
use tokens::Token;

/// Characters of a text that are looked at. A description has 20 to 60.
const CHARS_MAX: usize = 500;
/// Characters behind a negation that it denies: most Chinese words have two.
const DENIED_MAX: usize = 2;

/// A character, and whether it is denied.
type Symbol = (char, bool);

/// What is compared of a description.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Gist {
    /// In order, each as often as it occurs.
    bigrams: Vec<(Symbol, Option<Symbol>)>,
    /// What is said and not denied. Words and numbers stand between spaces.
    said: String,
    denied: BTreeSet<String>,
    marks: BTreeSet<Mark>,
}

impl Gist {
    /// Of this text, without regard to width, case, punctuation and spaces.
    pub fn of(text: &str) -> Self {
        let text: String = text.chars().take(CHARS_MAX).collect();
        let mut gist = Self {
            bigrams: Vec::new(),
            said: String::new(),
            denied: BTreeSet::new(),
            marks: BTreeSet::new(),
        };
        let mut symbols = Vec::new();
        let mut whole = String::new();
        // What a negation denies so far, while it lasts.
        let mut denied: Option<String> = None;
        for token in tokens::read(&text) {
            let is_fresh = denied.as_deref() == Some("");
            match token {
                // Denied twice is said.
                Token::Not => {
                    gist.deny(&mut denied);
                    denied = (!is_fresh).then(String::new);
                }
                Token::Auxiliary(_) if is_fresh => {}
                Token::Break => {
                    gist.deny(&mut denied);
                    gist.said.push(' ');
                }
                Token::Auxiliary(char) | Token::Char(char) => {
                    let to = denied.as_mut().unwrap_or(&mut gist.said);
                    to.push(char);
                    whole.push(char);
                    symbols.push((char, denied.is_some()));
                    if denied.as_ref().is_some_and(|head| head.chars().count() == DENIED_MAX) {
                        gist.deny(&mut denied);
                    }
                }
                Token::Word(word) | Token::Number(word) => {
                    if !is_fresh {
                        gist.deny(&mut denied);
                    }
                    let is_denied = denied.is_some();
                    let spaced = format!(" {word} ");
                    denied.as_mut().unwrap_or(&mut gist.said).push_str(&spaced);
                    whole.push_str(&spaced);
                    symbols.extend(word.chars().map(|char| (char, is_denied)));
                    gist.deny(&mut denied);
                }
            }
        }
        gist.deny(&mut denied);
        gist.marks = marks::of(&whole);
        gist.bigrams = match symbols[..] {
            [only] => vec![(only, None)],
            _ => symbols.windows(2).map(|pair| (pair[0], Some(pair[1]))).collect(),
        };
        gist.bigrams.sort_unstable();
        gist
    }

    fn deny(&mut self, denied: &mut Option<String>) {
        if let Some(head) = denied.take().filter(|head| !head.is_empty()) {
            self.denied.insert(head);
            // What stands on both sides does not stand together.
            self.said.push(' ');
        }
    }

    /// How alike, in percent: 100 for the same words, 0 for texts that share nothing, contradict
    /// each other, or of which one says nothing.
    pub fn likeness(&self, other: &Self) -> u8 {
        let total = self.bigrams.len() + other.bigrams.len();
        if self.bigrams.is_empty() || other.bigrams.is_empty() || self.contradicts(other) {
            return 0;
        }
        u8::try_from(200 * self.shared(other) / total).unwrap_or(100)
    }

    fn shared(&self, other: &Self) -> usize {
        let (mut ours, mut theirs) =
            (self.bigrams.iter().peekable(), other.bigrams.iter().peekable());
        let mut shared = 0;
        while let (Some(our), Some(their)) = (ours.peek(), theirs.peek()) {
            let order = our.cmp(their);
            shared += usize::from(order.is_eq());
            if order.is_le() {
                ours.next();
            }
            if order.is_ge() {
                theirs.next();
            }
        }
        shared
    }

    fn contradicts(&self, other: &Self) -> bool {
        self.denies(other) || other.denies(self) || marks::differ(&self.marks, &other.marks)
    }

    /// Whether something that is only denied here is said there.
    fn denies(&self, other: &Self) -> bool {
        self.denied
            .iter()
            .any(|head| !self.said.contains(head.as_str()) && other.said.contains(head.as_str()))
    }
}

#[cfg(test)]
mod tests;
