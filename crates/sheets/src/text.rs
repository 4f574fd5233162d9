//! Text of bytes, in whichever encoding a spreadsheet saved them.

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::report::Fault;
use crate::sheet::Sheet;
use crate::wrong::Wrong;

/// The largest sheet.
pub const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Sheets that are loaded at once.
pub const FILES_MAX: usize = 16;

/// A sheet as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetText {
    /// What people call it: a file's name without its directory.
    pub name: String,
    /// Which sheet it is, where that is known.
    pub sheet: Option<Sheet>,
    /// Its text.
    pub text: String,
}

impl SheetText {
    /// Reads UTF-8, with or without a mark; UTF-16 with one, as Excel's "Unicode text" is; and
    /// GB18030, in which Excel saves a CSV in China.
    ///
    /// # Errors
    /// When it is too large, or no text.
    pub fn decode(name: &str, sheet: Option<Sheet>, bytes: &[u8]) -> Result<Self, Fault> {
        match decode(bytes) {
            Ok(text) => Ok(Self { name: name.to_owned(), sheet, text }),
            Err(wrong) => Err(Fault::of_file(name, &wrong)),
        }
    }
}

fn decode(bytes: &[u8]) -> Result<String, Wrong> {
    if bytes.len() > BYTES_MAX {
        return Err(Wrong::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Wrong::Workbook);
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Wrong::Packed);
    }
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            whole(encoding, &bytes[mark..])
        }
        Some((_, mark)) => str::from_utf8(&bytes[mark..]).ok().map(str::to_owned),
        None => match str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => whole(GB18030, bytes),
        },
    };
    // No text has these; what is not text often does.
    text.filter(|text| !text.contains('\0')).ok_or(Wrong::NotText)
}

fn whole(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_saves_is_understood() {
        let text = "编号,名称\r\nPD,浦东\r\n";
        let (gb18030, ..) = GB18030.encode(text);
        assert_eq!(decode(&gb18030).as_deref(), Ok(text));
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&utf16).as_deref(), Ok(text));
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).as_deref(), Ok(text));
        assert_eq!(decode(text.as_bytes()).as_deref(), Ok(text));
    }

    #[test]
    fn what_is_no_text_is_refused_with_what_to_do() {
        for (bytes, wrong) in [
            (&b"PK\x03\x04rest"[..], Wrong::Workbook),
            (&[0x1f, 0x8b, 8, 0], Wrong::Packed),
            (&[0xff, 0x00, 0x41], Wrong::NotText),
            (b"a\0b", Wrong::NotText),
            (&[b'a'; BYTES_MAX + 1], Wrong::TooLarge),
        ] {
            assert_eq!(decode(bytes), Err(wrong));
        }
    }
}
