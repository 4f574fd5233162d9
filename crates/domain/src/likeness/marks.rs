//! What tells faults apart although nearly all words are the same: numbers, letters, symptoms and
//! opposites.

use std::collections::BTreeSet;

/// Something that a text names, of one of the kinds that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mark {
    kind: Kind,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Number,
    Letter,
    Symptom,
    Opposite(usize),
}

/// Each line is one symptom.
const SYMPTOMS: &[&[&str]] = &[
    &["停机", "宕机", "死机"],
    &["冒烟", "起火", "着火", "烧焦", " smoke ", " smoking ", " fire "],
    &["漏油"],
    &["漏水"],
    &["漏气"],
    &["漏电"],
    &["异响", "噪音", " noise ", " noisy "],
    &["报警", " alarm "],
    &["跳闸", "断电", "停电"],
    &["卡纸"],
];

const OPPOSITES: &[(&str, &str)] = &[
    ("开", "关"),
    ("左", "右"),
    ("高", "低"),
    ("冷", "热"),
    ("升", "降"),
    ("快", "慢"),
    ("松", "紧"),
    ("亮", "灭"),
    ("进", "出"),
    ("启", "停"),
    (" on ", " off "),
    (" open ", " closed "),
    (" open ", " close "),
    (" left ", " right "),
    (" high ", " low "),
    (" hot ", " cold "),
    (" up ", " down "),
    (" start ", " stop "),
];

/// The marks of a text whose words and numbers stand between spaces.
pub(super) fn of(whole: &str) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    let mut note = |kind: Kind, value: &str| {
        marks.insert(Mark { kind, value: value.trim().to_owned() });
    };
    for word in whole.split_whitespace() {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            note(Kind::Number, word);
        } else if word.len() == 1 {
            note(Kind::Letter, word);
        }
    }
    for names in SYMPTOMS {
        if names.iter().any(|name| whole.contains(name)) {
            note(Kind::Symptom, names[0]);
        }
    }
    for (index, (one, other)) in OPPOSITES.iter().enumerate() {
        for side in [one, other].into_iter().filter(|side| whole.contains(**side)) {
            note(Kind::Opposite(index), side);
        }
    }
    marks
}

/// Whether each names something that the other does not, of the same kind.
pub(super) fn differ(ours: &BTreeSet<Mark>, theirs: &BTreeSet<Mark>) -> bool {
    ours.difference(theirs).any(|our| theirs.difference(ours).any(|their| our.kind == their.kind))
}
