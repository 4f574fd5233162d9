//! Tables for people, aligned by how wide a terminal shows each letter: 派 takes two places.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Words are not made shorter than this, however narrow the terminal is.
const SHORTEST: usize = 6;

/// Blanks between columns.
const GAP: usize = 2;

/// On which side of its column a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a header.
#[derive(Debug, Clone)]
pub struct Table<const N: usize> {
    aligns: [Align; N],
    header: Option<[String; N]>,
    rows: Vec<[String; N]>,
    /// What earlier blocks took.
    widths: [usize; N],
    within: Option<usize>,
}

impl<const N: usize> Table<N> {
    /// A table of these columns.
    pub fn new<S: AsRef<str>>(columns: [(S, Align); N]) -> Self {
        Self {
            aligns: std::array::from_fn(|column| columns[column].1),
            header: Some(columns.map(|(name, _)| name.as_ref().to_owned())),
            rows: Vec::new(),
            widths: [0; N],
            within: None,
        }
    }

    /// Shortens words so that a row has room in so many columns; numbers stay whole.
    #[must_use]
    pub fn within(self, width: Option<usize>) -> Self {
        Self { within: width, ..self }
    }

    /// Adds a row.
    pub fn row(&mut self, values: [String; N]) {
        // A control character could move the cursor and show what is not there.
        let plain = |text: String| text.replace(char::is_control, " ");
        self.rows.push(values.map(plain));
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, with a line end after each row and no blanks at its end.
    pub fn render(&self) -> String {
        self.clone().block()
    }

    /// The text of the rows since the block before, under columns that do not get narrower. The
    /// header stands above the first.
    pub fn block(&mut self) -> String {
        let mut rows: Vec<_> = self.header.take().into_iter().collect();
        rows.append(&mut self.rows);
        for row in &rows {
            for (width, value) in self.widths.iter_mut().zip(row) {
                *width = value.width().max(*width);
            }
        }
        let widths = self.fitting();
        let mut text = String::new();
        for row in &rows {
            let mut line = String::new();
            for (column, value) in row.iter().enumerate() {
                let value = shortened(value, widths[column]);
                let blanks = " ".repeat(widths[column].saturating_sub(value.width()));
                let gap = " ".repeat(if column == 0 { 0 } else { GAP });
                match self.aligns[column] {
                    Align::Left => line.extend([gap, value, blanks]),
                    Align::Right => line.extend([gap, blanks, value]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The widest words give way first.
    fn fitting(&self) -> [usize; N] {
        let Some(within) = self.within else { return self.widths };
        let capped = |cap: usize| {
            std::array::from_fn(|column| match self.aligns[column] {
                Align::Left => self.widths[column].min(cap),
                Align::Right => self.widths[column],
            })
        };
        let fits = |widths: &[usize; N]| {
            widths.iter().sum::<usize>() + GAP * N.saturating_sub(1) <= within
        };
        let widest = self.widths.iter().copied().max().unwrap_or(0);
        (SHORTEST..=widest).rev().map(capped).find(fits).unwrap_or_else(|| capped(SHORTEST))
    }
}

/// A text that has room in so many columns; where something had to go, it ends with `…`.
pub(super) fn shortened(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut width = 0;
    for letter in text.chars() {
        width += letter.width().unwrap_or(0);
        if width >= room {
            break;
        }
        short.push(letter);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_width_and_not_by_letters() {
        let mut table = Table::new([("who", Align::Left), ("n", Align::Right), ("", Align::Left)]);
        table.row(["王师傅".into(), "7".into(), "x".into()]);
        table.row(["Ann".into(), "120".into(), String::new()]);
        assert_eq!(table.render(), "who       n\n王师傅    7  x\nAnn     120\n");
    }

    #[test]
    fn control_characters_of_foreign_texts_are_not_shown() {
        let mut table = Table::new([("a", Align::Left)]);
        table.row(["x\u{1b}[2J\ny".into()]);
        assert_eq!(table.render(), "a\nx [2J y\n");
    }

    #[test]
    fn the_widest_words_are_shortened_until_a_row_fits_and_numbers_stay_whole() {
        let columns = [("place", Align::Left), ("n", Align::Right), ("who", Align::Left)];
        let mut table = Table::new(columns).within(Some(30));
        table.row(["上海市浦东新区张江高科技园区".into(), "123456".into(), "王师傅".into()]);
        let text = table.render();
        assert_eq!(text.lines().last(), Some("上海市浦东新…   123456  王师傅"));
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        // Too narrow for everything: words stay readable, and the terminal wraps.
        let narrow = table.within(Some(4)).render();
        assert!(narrow.contains("上海…") && narrow.contains("123456"), "{narrow}");
    }

    #[test]
    fn later_blocks_stand_under_the_same_columns_without_a_header() {
        let mut table = Table::new([("who", Align::Left), ("n", Align::Right)]);
        table.row(["王师傅".into(), "7".into()]);
        assert_eq!(table.block(), "who     n\n王师傅  7\n");
        table.row(["Ann".into(), "8".into()]);
        assert_eq!(table.block(), "Ann     8\n");
    }

    #[test]
    fn long_words_end_where_the_screen_does_also_in_chinese() {
        let short = shortened(&"派单".repeat(40), 72);
        assert!(short.ends_with('…'));
        assert!(short.width() <= 72, "{}", short.width());
    }
}
