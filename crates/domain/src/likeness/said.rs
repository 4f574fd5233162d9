//! Whether a description says a word, and does not deny it.
//!
//! 没有停机 and 不会冒烟 deny, 预约停机保养 plans, 避免停机 fears: none of them says that the machine
//! stands still. The scope of a denial follows NegEx (W. Chapman and others, "A simple algorithm for
//! identifying negated findings", Journal of Biomedical Informatics 34, 2001): from the negation to
//! the next clause, but only across words that say nothing themselves (没有发生停机) and through an
//! enumeration (没有冒烟、漏油). Across anything else it does not reach: 没反应停机了 says 停机. So a
//! doubt goes towards having been said: somebody looks once too often.

use super::tokens::fold;

/// What ends a clause. 、 does not: it enumerates.
const BREAKS: &str = "，。；：！？,.;:!?\n…";
const NEGATIONS: &[&str] = &["没", "不", "未", "无", "非", "别"];
const NEGATIONS_IN_WORDS: &[&str] = &["no", "not", "never", "without", "cannot"];
/// Say nothing between a negation and what it denies.
const EMPTY: &[&str] = &[
    "发生", "出现", "看到", "看见", "发现", "听到", "见到", "任何", "什么", "明显", "再", "有",
    "见", "过", "能", "会", "法", "是", "曾", "要", "any", "a", "the", "is", "are", "was",
];
const ENUMERATIONS: &[&str] =
    &["、", "/", "以及", "或者", "和", "或", "及", "与", "也", "and", "or"];
const FEARED: &[&str] =
    &["以免", "免得", "防止", "避免", "担心", "害怕", "是否", "能否", "可否", "avoid", "prevent"];
const PLANNED: &[&str] =
    &["预约", "计划", "定期", "例行", "安排", "预定", "申请", "planned", "scheduled", "routine"];
/// What follows on something that is done on purpose.
const ON_PURPOSE: &[&str] = &["保养", "维保", "年检", "大修", "for maintenance"];

/// A description that words are looked for in.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    text: String,
}

impl Said {
    /// Of this text, without regard to width and case.
    pub fn of(text: &str) -> Self {
        Self { text: text.chars().flat_map(fold).collect() }
    }

    /// The text, without regard to width and case.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text, without regard to width and case.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The first of these words that it says.
    pub fn first_of<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let folded: Vec<String> =
            words.iter().map(|word| word.trim().chars().flat_map(fold).collect()).collect();
        let said = folded.iter().position(|word| self.says(word, &folded))?;
        words.get(said).map(String::as_str)
    }

    fn says(&self, word: &str, words: &[String]) -> bool {
        if word.is_empty() {
            return false;
        }
        self.text.match_indices(word).any(|(start, _)| {
            let (before, after) = (&self.text[..start], &self.text[start + word.len()..]);
            stands_alone(before, word, after)
                && !ON_PURPOSE.iter().any(|purpose| after.trim_start().starts_with(purpose))
                && !is_denied(clause(before), words)
        })
    }
}

// What people said stands in no log.
impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Said").finish_non_exhaustive()
    }
}

/// A word of letters or digits is not found within another: `fire` in `firewall`.
fn stands_alone(before: &str, word: &str, after: &str) -> bool {
    let joins = |one: Option<char>, other: Option<char>| {
        one.zip(other).is_some_and(|(one, other)| {
            one.is_ascii_alphanumeric() && other.is_ascii_alphanumeric()
        })
    };
    !joins(before.chars().next_back(), word.chars().next())
        && !joins(word.chars().next_back(), after.chars().next())
}

/// The clause that a text ends in.
fn clause(text: &str) -> &str {
    text.rsplit(|char| BREAKS.contains(char)).next().unwrap_or_default()
}

/// Whether what stands before a word in its clause denies it, fears it or plans it.
fn is_denied(mut before: &str, words: &[String]) -> bool {
    let mut negations = 0_u32;
    loop {
        before = before.trim_end();
        if let Some(rest) = without_negation(before) {
            (before, negations) = (rest, negations + 1);
        } else if let Some(rest) = without(before, EMPTY) {
            before = rest;
        } else if negations > 0 && before.ends_with('得') {
            // 不得不: had to.
            before = &before[..before.len() - '得'.len_utf8()];
        } else if let Some(rest) = without(before, ENUMERATIONS) {
            let named = words.iter().map(String::as_str);
            let Some(rest) = named.filter_map(|word| without(rest.trim_end(), &[word])).next()
            else {
                break;
            };
            before = rest;
        } else if without(before, FEARED).is_some() {
            return true;
        } else if let Some(rest) = without(before, PLANNED) {
            // 非计划停机 is the opposite.
            return without_negation(rest.trim_end()).is_none();
        } else {
            break;
        }
    }
    negations % 2 == 1
}

fn without_negation(text: &str) -> Option<&str> {
    without(text, NEGATIONS).or_else(|| without(text, NEGATIONS_IN_WORDS)).or_else(|| {
        let rest = text.strip_suffix("n't").or_else(|| text.strip_suffix("n’t"))?;
        Some(rest.trim_end_matches(|char: char| char.is_ascii_alphabetic()))
    })
}

/// The text without the one of these that it ends with; a word of letters only as a whole.
fn without<'t>(text: &'t str, endings: &[&str]) -> Option<&'t str> {
    endings
        .iter()
        .filter(|ending| !ending.is_empty())
        .find_map(|ending| text.strip_suffix(ending).filter(|rest| stands_alone(rest, ending, "")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words() -> Vec<String> {
        ["停机", "冒烟", "漏油", "smoke"].map(String::from).into()
    }

    fn found(text: &str) -> Option<String> {
        Said::of(text).first_of(&words()).map(str::to_owned)
    }

    #[test]
    fn what_is_said_is_found_and_named() {
        for (text, word) in [
            ("冲床停机了", "停机"),
            ("主轴在冒烟", "冒烟"),
            ("设备漏油，还冒烟", "冒烟"),
            ("无故停机", "停机"),
            ("没反应停机了", "停机"),
            ("没有异响，停机了", "停机"),
            ("不仅漏油", "漏油"),
            ("不停地冒烟", "冒烟"),
            ("不断漏油", "漏油"),
            ("不得不停机", "停机"),
            ("不能不停机", "停机"),
            ("计划外停机", "停机"),
            ("非计划停机", "停机"),
            ("没有停机，但是冒烟", "冒烟"),
            ("没有冒烟。已经停机", "停机"),
            ("有时没有停机，有时停机", "停机"),
            ("There is SMOKE", "smoke"),
            ("ｓｍｏｋｅ", "smoke"),
            ("not running, smoke everywhere", "smoke"),
        ] {
            assert_eq!(found(text).as_deref(), Some(word), "{text}");
        }
    }

    #[test]
    fn what_is_denied_planned_or_feared_is_not() {
        for text in [
            "没有停机",
            "没停机",
            "未停机",
            "不停机",
            "不会停机",
            "没有发生停机",
            "没有出现过漏油",
            "未见冒烟",
            "未发现任何漏油",
            "没有停机、冒烟和漏油",
            "无冒烟或漏油",
            "会不会停机",
            "是不是停机",
            "预约停机保养",
            "计划停机",
            "安排停机检修",
            "停机保养",
            "防止停机",
            "担心漏油",
            "no smoke",
            "there isn't any smoke",
            "without smoke",
            "smokeless",
            "烟",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_that_denies_is_looked_for_as_it_stands() {
        let words = ["不转".to_owned(), "无法启动".to_owned()];
        assert_eq!(Said::of("主轴不转").first_of(&words), Some("不转"));
        assert_eq!(Said::of("机器无法启动").first_of(&words), Some("无法启动"));
        assert_eq!(Said::of("不是不转").first_of(&words), None);
    }

    #[test]
    fn what_people_said_stands_in_no_log() {
        assert!(!format!("{:?}", Said::of("冲床停机")).contains("冲床"));
    }

    proptest! {
        #[test]
        fn a_sentence_of_its_own_is_always_heard(before in ".{0,30}", after in ".{0,30}") {
            let text = format!("{before}。停机。{after}");
            prop_assert!(found(&text).is_some());
        }

        #[test]
        fn any_text_and_any_words_are_read(text in ".{0,60}", words in prop::collection::vec(".{0,5}", 0..4)) {
            let said = Said::of(&text);
            if let Some(word) = said.first_of(&words) {
                prop_assert!(!word.trim().is_empty());
            }
        }
    }
}
