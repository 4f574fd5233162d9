//! Names of files, as somebody else declared them: kept, and made harmless.

use std::fmt::Write;

/// A safe name has at most so many bytes: file systems take 255, and some add to a name.
pub const NAME_BYTES_MAX: usize = 200;

/// No more of a declared name is looked at; tus clients may send any.
const DECLARED_BYTES_MAX: usize = 4096;
/// What follows the last dot is an extension only when it is not longer, in bytes.
const EXTENSION_BYTES_MAX: usize = 16;

/// A name that is safe as a file's name on any system and in a page: the last part of the
/// declared path, without control and direction characters, reserved characters and leading dots.
/// Never empty, at most [`NAME_BYTES_MAX`] bytes; the extension stays when the rest is cut.
pub fn safe_name(declared: &str, media_type: &str) -> String {
    let declared = cut(declared, DECLARED_BYTES_MAX);
    let last = declared.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or("");
    let kept: String = last.chars().filter(|char| !is_hidden(*char)).map(harmless).collect();
    let kept = kept.trim_start_matches(['.', ' ', '~']).trim_end_matches(['.', ' ']).trim();
    if kept.is_empty() || kept.chars().all(|char| char == '_') {
        return nameless(media_type);
    }
    let name = shortened(kept);
    if is_device(&name) { format!("_{name}") } else { name }
}

/// What a browser is told of a download (RFC 6266): the name in ASCII for old ones, and in full.
/// `name` may be anything; it is made safe once more.
pub fn content_disposition(show: Show, name: &str) -> String {
    let name = safe_name(name, "");
    let ascii: String = name
        .chars()
        .map(|char| if char.is_ascii_graphic() && !"\"\\%".contains(char) { char } else { '_' })
        .collect();
    let mut value = format!("{}; filename=\"{ascii}\"; filename*=UTF-8''", show.as_str());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            write!(value, "%{byte:02X}").expect("a String takes all that is written to it");
        }
    }
    value
}

/// Whether a browser is to show bytes or to save them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// In the page or tab.
    Inline,
    /// As a download.
    Download,
}

impl Show {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Download => "attachment",
        }
    }
}

/// The longest beginning of a text with at most so many bytes.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Characters that nobody sees, or that turn the order of others: `gpj.exe` shown as `exe.jpg`.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Characters that some system or page takes for something else.
fn harmless(char: char) -> char {
    match char {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\'' | '`' | '&' | ';' | '%' => '_',
        other if other.is_whitespace() => ' ',
        other => other,
    }
}

fn shortened(name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= EXTENSION_BYTES_MAX => {
            let stem = cut(stem, NAME_BYTES_MAX - extension.len() - 1).trim_end();
            format!("{stem}.{extension}")
        }
        _ => cut(name, NAME_BYTES_MAX).trim_end().to_owned(),
    }
}

/// Names that Windows takes for a device, whatever their extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
    });
    numbered || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
}

fn nameless(media_type: &str) -> String {
    let (kind, rest) = media_type.split_once('/').unwrap_or((media_type, ""));
    let extension = match rest {
        "jpeg" => "jpg",
        "plain" => "txt",
        "svg+xml" => "svg",
        "mpeg" => "mp3",
        "quicktime" => "mov",
        "x-wav" | "wav" => "wav",
        rest if rest.len() <= 4 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) => rest,
        _ => "",
    };
    let stem = match kind {
        "image" | "audio" | "video" | "text" => kind,
        _ => "file",
    };
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_tricks_and_hidden_characters_go_and_the_rest_stays() {
        for (declared, safe) in [
            ("冲床 漏油.jpg", "冲床 漏油.jpg"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\王\照片.PNG", "照片.PNG"),
            ("a/b/", "b"),
            (".bashrc", "bashrc"),
            ("...", "image.jpg"),
            ("", "image.jpg"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("a\u{0}b\r\nc.txt", "abc.txt"),
            ("<img src=x>.png", "_img src=x_.png"),
            ("con.txt", "_con.txt"),
            ("LPT1", "_LPT1"),
            ("report.pdf. ", "report.pdf"),
            ("👷🏽\u{200d}♂️.png", "👷🏽♂️.png"),
        ] {
            assert_eq!(safe_name(declared, "image/jpeg"), safe, "{declared:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters_and_keeps_its_extension() {
        let name = safe_name(&format!("{}.jpeg", "照".repeat(300)), "image/jpeg");
        assert!(name.len() <= NAME_BYTES_MAX && name.len() > NAME_BYTES_MAX - 4, "{}", name.len());
        assert!(name.ends_with("照.jpeg"));
    }

    #[test]
    fn a_name_made_of_nothing_tells_the_kind() {
        assert_eq!(safe_name("", "video/mp4"), "video.mp4");
        assert_eq!(safe_name("", "application/octet-stream"), "file");
        assert_eq!(safe_name("", "x/../../y"), "file");
    }

    #[test]
    fn a_disposition_has_an_ascii_name_and_the_full_one() {
        assert_eq!(
            content_disposition(Show::Download, "冲床 1.jpg"),
            "attachment; filename=\"___1.jpg\"; filename*=UTF-8''%E5%86%B2%E5%BA%8A%201.jpg"
        );
        assert!(
            content_disposition(Show::Inline, "a.png").starts_with("inline; filename=\"a.png\"")
        );
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_one_and_stays_as_it_is(declared in any::<String>()) {
            let name = safe_name(&declared, "image/png");
            prop_assert!(!name.is_empty() && name.len() <= NAME_BYTES_MAX + 1);
            prop_assert!(!name.starts_with('.') && !name.contains(['/', '\\', '"', '<', '\n', '\0']));
            prop_assert_eq!(safe_name(&name, "image/png"), name.clone());
            let value = content_disposition(Show::Inline, &declared);
            prop_assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        }
    }
}
