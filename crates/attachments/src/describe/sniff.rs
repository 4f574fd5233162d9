//! The media type, from the first bytes.
//!
//! Text is looked for first. Marks of two or three letters (`BM`, `GIF`, `ID3`) would make images
//! and sounds of sentences that begin so; no image, sound or video is text, and a polyglot that is
//! both is the harmless one of the two: text, which is served as text.

use infer::MatcherType;

/// Bytes of which nothing is known.
pub(super) const OCTETS: &str = "application/octet-stream";

/// The media type of bytes that begin so; at most the first 8 KiB are needed.
pub fn sniff(head: &[u8]) -> &'static str {
    if head.is_empty() {
        return OCTETS;
    }
    if let Some(text) = text_of(head) {
        return sniff_text(text);
    }
    match infer::get(head) {
        // What `infer` calls text and we do not is text in an encoding that we cannot read.
        Some(kind) if kind.matcher_type() == MatcherType::Text => OCTETS,
        // It asks for three letters only.
        Some(kind) if kind.mime_type() == "image/gif" && !is_gif(head) => OCTETS,
        Some(kind) => kind.mime_type(),
        None => OCTETS,
    }
}

/// Whether a browser may show such bytes in the page: images, sounds, videos and plain text,
/// none of which can run. All else is to be saved.
pub fn may_be_shown(media_type: &str) -> bool {
    matches!(
        media_type,
        "image/jpeg"
            | "image/png"
            | "image/gif"
            | "image/webp"
            | "image/avif"
            | "image/heif"
            | "image/bmp"
            | "text/plain"
    ) || (media_type.starts_with("audio/") || media_type.starts_with("video/"))
}

/// Whether a thumbnail can be made of such bytes.
pub fn may_have_thumbnail(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/gif" | "image/webp")
}

fn is_gif(head: &[u8]) -> bool {
    head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
}

/// The bytes as text: UTF-8, of which the last character may be cut, without control characters
/// that no text has.
fn text_of(head: &[u8]) -> Option<&str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let plain = |byte: u8| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    (!text.is_empty() && text.bytes().all(plain)).then_some(text)
}

/// Beginnings that make a browser take a text for a page (WHATWG MIME sniffing).
const PAGES: [&str; 17] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--",
];

fn sniff_text(text: &str) -> &'static str {
    let text = text.trim_start();
    let begins = |mark: &str| {
        text.get(..mark.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(mark))
    };
    let has = |mark: &str| {
        text.as_bytes().windows(mark.len()).any(|here| here.eq_ignore_ascii_case(mark.as_bytes()))
    };
    if begins("%PDF-") {
        return "application/pdf";
    }
    if begins("{\\rtf") {
        return "application/rtf";
    }
    if !text.starts_with('<') {
        return "text/plain";
    }
    if has("<svg") || has(":svg") {
        return "image/svg+xml";
    }
    if has("<html") || PAGES.iter().any(|page| begins(page)) {
        return "text/html";
    }
    if begins("<?xml") || begins("<!doctype") || has("xmlns") {
        return "text/xml";
    }
    "text/plain"
}
