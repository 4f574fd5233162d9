//! What a client says of a file: `Upload-Metadata` of tus, and the name in `Content-Disposition`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The file's name in `Upload-Metadata`: pairs of a key and Base64, with commas between them.
/// Nothing where the header cannot be read.
pub(super) fn declared_name(metadata: &str) -> Option<String> {
    let mut named = None;
    for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok()?;
        let value = String::from_utf8(value).ok()?;
        match key {
            "filename" => named = Some(value),
            "name" => named = named.or(Some(value)),
            // Nobody asks for more.
            _ => {}
        }
    }
    Some(named.unwrap_or_default())
}

/// The same, written down.
pub(super) fn metadata(name: &str) -> String {
    format!("filename {}", STANDARD.encode(name))
}

/// The name in `Content-Disposition` (RFC 6266): `filename*` goes before `filename`.
pub(super) fn disposition_name(disposition: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        disposition.split(';').skip(1).find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    if let Some(extended) = parameter("filename*") {
        let (charset, rest) = extended.split_once('\'')?;
        let (_, text) = rest.split_once('\'')?;
        return charset.eq_ignore_ascii_case("utf-8").then(|| unescaped(text)).flatten();
    }
    let plain = parameter("filename")?;
    let quoted = plain.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(quoted.map_or_else(|| plain.to_owned(), |quoted| quoted.replace("\\\"", "\"")))
}

/// Percent-encoded UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_among_what_is_said() {
        let said = format!("kind YQ==, {},empty", metadata("冲床.jpg"));
        assert_eq!(declared_name(&said).as_deref(), Some("冲床.jpg"));
        assert_eq!(declared_name("").as_deref(), Some(""));
        assert_eq!(declared_name("name YQ==").as_deref(), Some("a"));
        for wrong in ["filename a", "filename /w==", "filename %%"] {
            assert_eq!(declared_name(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_disposition_names_a_file_in_any_language() {
        let name = disposition_name("attachment; filename=\"x\"; filename*=UTF-8''%E5%86%B2.jpg");
        assert_eq!(name.as_deref(), Some("冲.jpg"));
        assert_eq!(disposition_name("inline; filename=a.jpg").as_deref(), Some("a.jpg"));
        assert_eq!(
            disposition_name("attachment; filename=\"a b.jpg\"").as_deref(),
            Some("a b.jpg")
        );
        assert_eq!(disposition_name("attachment"), None);
        assert_eq!(disposition_name("attachment; filename*=UTF-8''%f"), None);
    }
}
