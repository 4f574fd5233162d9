//! What is looked at before an expression is parsed: the parser recurses, and says little of letters
//! that it does not know.

use super::Cel;
use super::problem::{At, CelProblem};

/// Refuses what is too long, nested too deep or written in letters that are no CEL.
///
/// Texts and comments are skipped as CEL reads them. Where this is mistaken about a text that is no
/// CEL either, the parser's own limit still holds.
pub(super) fn check(source: &str) -> Result<(), CelProblem> {
    let (found, most) = (source.len(), Cel::BYTES_MAX);
    if found > most {
        return Err(CelProblem::TooLong { found, most });
    }
    if source.trim().is_empty() {
        return Err(CelProblem::Empty);
    }
    let letters: Vec<char> = source.chars().collect();
    let (mut place, mut open, mut choices) = (0, 0_usize, 0);
    while let Some(&letter) = letters.get(place) {
        let at = || At::behind(&letters[..place].iter().collect::<String>());
        match letter {
            '"' | '\'' => {
                place = behind_text(&letters, place);
                continue;
            }
            '/' if letters.get(place + 1) == Some(&'/') => {
                place += letters[place..].iter().take_while(|letter| **letter != '\n').count();
                continue;
            }
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '?' => choices += 1,
            other if !other.is_ascii() => {
                return Err(CelProblem::Outside { at: at(), found: other });
            }
            _ => {}
        }
        if open > Cel::NESTED_MAX || choices > Cel::NESTED_MAX {
            return Err(CelProblem::Nested { at: at() });
        }
        place += 1;
    }
    Ok(())
}

/// The place behind the text whose quotation mark stands here.
fn behind_text(letters: &[char], begin: usize) -> usize {
    let quote = letters[begin];
    let marks = if letters[begin..].starts_with(&[quote; 3]) { 3 } else { 1 };
    let prefix = &letters[begin.saturating_sub(2)..begin];
    let raw = matches!(prefix, [.., 'r' | 'R'] | ['r' | 'R', 'b' | 'B']);
    let mut place = begin + marks;
    while place < letters.len() {
        if letters[place] == '\\' && !raw {
            place += 2;
        } else if letters[place..].starts_with(&[quote; 3][..marks]) {
            return place + marks;
        } else {
            place += 1;
        }
    }
    place
}
