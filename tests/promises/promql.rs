//! As much of Prometheus' query language as shows whether an expression could ever mean something.

use crate::exposition::Scrape;

const FUNCTIONS: [&str; 7] =
    ["absent", "histogram_quantile", "increase", "max", "rate", "sum", "min"];
const WORDS: [&str; 5] = ["by", "on", "and", "or", "unless"];
/// Labels that Prometheus adds to each sample.
const ADDED: [&str; 3] = ["le", "instance", "job"];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number,
    /// `[5m]`
    Range,
    Sign(char),
}

fn tokens(expression: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let take =
            |is: &dyn Fn(char) -> bool| rest.find(|character| !is(character)).unwrap_or(rest.len());
        let length = match first {
            ' ' => 1,
            '"' => {
                let end = rest[1..].find('"').ok_or("a text has no end")?;
                tokens.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            '[' => {
                let end = rest.find(']').ok_or("a range has no end")?;
                let span = &rest[1..end];
                let plain = span.strip_suffix(['s', 'm', 'h', 'd']);
                if span != "$__rate_interval" && plain.is_none_or(|n| n.parse::<u32>().is_err()) {
                    return Err(format!("`{span}` is no range"));
                }
                tokens.push(Token::Range);
                end + 1
            }
            '0'..='9' => {
                let end = take(&|c| c.is_ascii_digit() || c == '.');
                rest[..end].parse::<f64>().map_err(|error| error.to_string())?;
                tokens.push(Token::Number);
                end
            }
            'a'..='z' | '_' => {
                let end = take(&|c| c.is_ascii_alphanumeric() || c == '_');
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            '(' | ')' | '{' | '}' | ',' | '=' | '!' | '~' | '<' | '>' | '+' | '-' | '*' | '/' => {
                tokens.push(Token::Sign(first));
                1
            }
            other => return Err(format!("`{other}` has no place here")),
        };
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// The names that an expression asks for, once everything in it is known to the server: names,
/// labels, and values of labels where the server has all of them.
pub(crate) fn check(expression: &str, scrape: &Scrape) -> Result<Vec<String>, String> {
    let tokens = tokens(expression)?;
    let mut depth = Vec::new();
    for token in &tokens {
        match token {
            Token::Sign(open @ ('(' | '{')) => depth.push(*open),
            Token::Sign(close @ (')' | '}')) => {
                let open = if *close == ')' { '(' } else { '{' };
                if depth.pop() != Some(open) {
                    return Err(format!("`{close}` closes nothing"));
                }
            }
            _ => {}
        }
    }
    if !depth.is_empty() {
        return Err("a bracket is not closed".into());
    }
    let mut names = Vec::new();
    let mut labels = Vec::new();
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        place += 1;
        let Token::Word(word) = token else { continue };
        let next = tokens.get(place);
        if WORDS.contains(&word.as_str()) {
            if (word == "by" || word == "on") && next == Some(&Token::Sign('(')) {
                while let Some(token) = tokens.get(place) {
                    place += 1;
                    match token {
                        Token::Word(label) => labels.push(label.clone()),
                        Token::Sign(')') => break,
                        _ => {}
                    }
                }
            }
        } else if FUNCTIONS.contains(&word.as_str()) {
            let by = |token: &&Token| **token == Token::Word("by".into());
            if next != Some(&Token::Sign('(')) && next.filter(by).is_none() {
                return Err(format!("{word} is called with nothing"));
            }
        } else {
            place = selector(word, &tokens, place, scrape)?;
            names.push(word.clone());
        }
    }
    if names.is_empty() {
        return Err("it asks for nothing".into());
    }
    for label in labels {
        let knows = |name: &String| {
            scrape.family(name).is_some_and(|(family, _)| family.labels().contains(label.as_str()))
        };
        if !ADDED.contains(&label.as_str()) && !names.iter().any(knows) {
            return Err(format!("no sample has the label {label}"));
        }
    }
    Ok(names)
}

/// A name, its matchers and its range; answers with the place after them.
fn selector(
    name: &str,
    tokens: &[Token],
    mut place: usize,
    scrape: &Scrape,
) -> Result<usize, String> {
    let (family, _) = scrape.family(name).ok_or_else(|| format!("{name} is not exported"))?;
    let called = place.checked_sub(3).and_then(|before| tokens.get(before));
    if tokens.get(place) == Some(&Token::Sign('{')) {
        place += 1;
        while tokens.get(place) != Some(&Token::Sign('}')) {
            let [Token::Word(label), Token::Sign('='), Token::Text(value), ..] = &tokens[place..]
            else {
                return Err(format!("the labels of {name} cannot be read"));
            };
            let has = |(_, labels, _): &(String, _, f64)| {
                let labels: &crate::exposition::Labels = labels;
                labels.get(label) == Some(value)
            };
            if !family.labels().contains(label.as_str()) {
                return Err(format!("{name} has no label {label}"));
            }
            // What happens rarely is not in a young server's numbers.
            let rare = ["5xx", "not_taken"].contains(&value.as_str());
            if !rare && !family.samples.iter().any(has) {
                return Err(format!("{name} has no {label} {value}"));
            }
            place += 3;
            if tokens.get(place) == Some(&Token::Sign(',')) {
                place += 1;
            }
        }
        place += 1;
    }
    let ranged = tokens.get(place) == Some(&Token::Range);
    let rated = matches!(called, Some(Token::Word(word)) if word == "rate" || word == "increase");
    if ranged != rated {
        return Err(format!("{name} has a range without rate or increase, or these without it"));
    }
    if (family.kind != "gauge") != rated {
        return Err(format!("{name} is a {}, which is asked for otherwise", family.kind));
    }
    Ok(place + usize::from(ranged))
}
