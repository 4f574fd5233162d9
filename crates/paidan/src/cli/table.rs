//! Tables for people, aligned by how wide a terminal shows each letter: 派 takes two places.

use unicode_width::UnicodeWidthStr;

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
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table of these columns.
    pub fn new(columns: [(&str, Align); N]) -> Self {
        Self {
            aligns: columns.map(|(_, align)| align),
            rows: vec![columns.map(|(name, _)| name.to_owned())],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, values: [String; N]) {
        // A control character could move the cursor and show what is not there.
        let plain = |text: String| text.replace(char::is_control, " ");
        self.rows.push(values.map(plain));
    }

    /// The text, with a line end after each row and no blanks at its end.
    pub fn render(&self) -> String {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, value) in widths.iter_mut().zip(row) {
                *width = value.width().max(*width);
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, value) in row.iter().enumerate() {
                let blanks = " ".repeat(widths[column].saturating_sub(value.width()));
                let gap = if column == 0 { "" } else { "  " };
                match self.aligns[column] {
                    Align::Left => line.extend([gap, value, &blanks]),
                    Align::Right => line.extend([gap, &blanks, value]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
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
}
