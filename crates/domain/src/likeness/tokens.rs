//! A text as the characters, words and numbers that are compared.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A Chinese character.
    Char(char),
    /// A Chinese character that only helps a negation: 没有, 无法, 不能.
    Auxiliary(char),
    /// A word of letters, in lower case.
    Word(String),
    /// Digits, or Chinese numerals that count rooms, lines, machines.
    Number(String),
    /// The next word is denied.
    Not,
    /// Punctuation.
    Break,
}

/// Particles that say nothing of a fault.
const PARTICLES: &str = "了的呢吧啊呀嘛吗哦呗啦";
const NEGATIONS: &str = "不没未无非";
const AUXILIARIES: &str = "有法能会再是曾";
const NUMERALS: &str = "零一二三四五六七八九";
/// What numbers name: 三号, 二楼. Elsewhere 一 and 两 are no numbers but words: 一直, 两声.
const COUNTED: &str = "号楼层栋线区室";

pub(super) fn read(text: &str) -> Vec<Token> {
    let folded: String = text.chars().flat_map(fold).collect();
    let mut chars = folded.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(&char) = chars.peek() {
        if char.is_ascii_digit() {
            let digits = take(&mut chars, |char| char.is_ascii_digit());
            let number = digits.trim_start_matches('0');
            tokens.push(Token::Number(if number.is_empty() { "0" } else { number }.to_owned()));
        } else if is_han(char) {
            let run = take(&mut chars, is_han);
            read_han(&run, &mut tokens);
        } else if char.is_alphanumeric() {
            let word = take(&mut chars, |char| {
                char.is_alphanumeric() && !char.is_ascii_digit() && !is_han(char) || char == '\''
            });
            tokens.push(read_word(&word));
        } else {
            chars.next();
            if !char.is_whitespace() && char != '-' {
                tokens.push(Token::Break);
            }
        }
    }
    tokens
}

/// Full-width forms as the usual ones, capitals as small letters; what NFKC and folding of case do,
/// as far as keyboards here produce it.
pub(super) fn fold(char: char) -> impl Iterator<Item = char> {
    let narrow = match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        '‘' | '’' => '\'',
        '〇' => '零',
        _ => char,
    };
    narrow.to_lowercase()
}

const fn is_han(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

fn take(chars: &mut Peekable<Chars<'_>>, fits: impl Fn(char) -> bool) -> String {
    let mut taken = String::new();
    while let Some(char) = chars.next_if(|char| fits(*char)) {
        taken.push(char);
    }
    taken
}

fn read_word(word: &str) -> Token {
    match word {
        "no" | "not" | "never" | "without" | "cannot" | "cant" | "dont" | "doesnt" | "isnt"
        | "wont" => Token::Not,
        _ if word.ends_with("n't") => Token::Not,
        _ => Token::Word(word.to_owned()),
    }
}

fn read_han(run: &str, tokens: &mut Vec<Token>) {
    let chars: Vec<char> = run.chars().collect();
    let mut place = 0;
    while let Some(&char) = chars.get(place) {
        if let Some((number, length)) = read_numeral(&chars[place..]) {
            tokens.push(Token::Number(number.to_string()));
            place += length;
            continue;
        }
        place += 1;
        if NEGATIONS.contains(char) {
            tokens.push(Token::Not);
        } else if AUXILIARIES.contains(char) {
            tokens.push(Token::Auxiliary(char));
        } else if !PARTICLES.contains(char) {
            tokens.push(Token::Char(char));
        }
    }
}

/// A number below a hundred in front of what it counts, and how many characters it has.
fn read_numeral(chars: &[char]) -> Option<(usize, usize)> {
    let is_numeral = |char: &&char| **char == '十' || digit(**char).is_some();
    let length = chars.iter().take_while(is_numeral).count();
    let (numeral, counted) = chars.split_at(length);
    if !COUNTED.contains(*counted.first()?) {
        return None;
    }
    let number = match *numeral {
        ['十'] => 10,
        ['十', ones] => 10 + digit(ones)?,
        [tens, '十'] => 10 * digit(tens)?,
        [tens, '十', ones] => 10 * digit(tens)? + digit(ones)?,
        [ones] => digit(ones)?,
        _ => return None,
    };
    Some((number, length))
}

fn digit(char: char) -> Option<usize> {
    NUMERALS.chars().position(|numeral| numeral == char)
}
