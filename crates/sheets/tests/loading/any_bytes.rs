//! Whatever is handed in, there is a report.

use proptest::prelude::*;
use sheets::{How, Sheet, SheetText, preview};

use crate::firm::FIRM;

fn looked_at(name: &str, sheet: Option<Sheet>, bytes: &[u8]) {
    if let Ok(text) = SheetText::decode(name, sheet, bytes) {
        let report = preview(&[text], How { dry_run: true, skip_bad_lines: true });
        let totals = report.totals();
        let rows = report.files.first().map_or(0, |file| file.rows);
        assert!(totals.added + totals.changed + totals.unchanged <= rows, "{report:?}");
        assert_eq!(report.errors.len() as u64, report.errors_total.min(1_000), "{report:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_report(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), sheet in 0_usize..5) {
        looked_at("x.csv", Some(Sheet::ALL[sheet]), &bytes);
    }

    #[test]
    fn a_firm_with_some_bytes_changed_ends_in_a_report(
        sheet in 0_usize..5,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let (name, text) = FIRM[sheet];
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        looked_at(name, None, &bytes);
    }

    #[test]
    fn any_cells_end_in_a_report(
        sheet in 0_usize..5,
        cells in proptest::collection::vec("[-0-9A-Za-z;~:、，周一到 ]{0,20}", 1..40),
    ) {
        let sheet = Sheet::ALL[sheet];
        let columns = sheet.columns();
        let names: Vec<_> = columns.iter().map(|column| column.name).collect();
        let rows: Vec<_> = cells
            .chunks(columns.len())
            .map(|row| {
                let missing = columns.len() - row.len();
                row.join("\t") + &"\t".repeat(missing)
            })
            .collect();
        let text = format!("{}\n{}\n", names.join("\t"), rows.join("\n"));
        looked_at("x.tsv", Some(sheet), text.as_bytes());
    }
}

#[test]
fn the_largest_sheets_of_nonsense_end() {
    let largest = sheets::BYTES_MAX;
    for byte in [b',', b'"', b'\n', b'a', b';'] {
        let mut headed = b"code,name\n".to_vec();
        headed.resize(largest, byte);
        looked_at("areas.csv", None, &headed);
    }
}
