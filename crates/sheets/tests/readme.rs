//! The columns stand in a page that people read; it names each of them and no other.

use sheets::Sheet;

const PAGE: &str = include_str!("../../../docs/examples/firm/README.md");

fn expected(sheet: Sheet) -> Vec<String> {
    let columns = sheet.columns().into_iter().map(|column| {
        let required = if column.required { "yes" } else { "" };
        format!("| `{}` | {} | {required} | {} |", column.name, column.name_zh, column.about)
    });
    columns.collect()
}

#[test]
fn the_page_names_every_column_of_every_sheet_and_no_other() {
    for sheet in Sheet::ALL {
        let title = format!("### {} {}\n", sheet.name(), sheet.name_zh());
        let (_, part) = PAGE.split_once(&title).unwrap_or_else(|| panic!("no part {title}"));
        let part = part.split("\n### ").next().unwrap_or_default();
        let rows: Vec<_> =
            part.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
        let expected = expected(sheet);
        assert_eq!(rows, expected, "{sheet} should have:\n{}", expected.join("\n"));
    }
}
