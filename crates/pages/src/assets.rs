//! What pages load beside their HTML: built into the binary, named by content, so that a browser
//! keeps it for ever and still gets a new one with a new release.

use std::sync::LazyLock;

/// A file that pages load.
#[derive(Debug)]
pub struct Asset {
    /// Its address: `/assets/<first 16 hexadecimal digits of its BLAKE3>-<name>`.
    pub href: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The style sheet of all pages, in the order in which it cascades.
const STYLES: &str = concat!(
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/components.css"),
    include_str!("../assets/css/board.css"),
    include_str!("../assets/css/ticket.css"),
);

const FILES: &[(&str, &str, &[u8])] = &[
    ("paidan.css", CSS, STYLES.as_bytes()),
    ("htmx.min.js", JS, include_bytes!("../assets/vendor/htmx.min.js")),
    ("hx-sse.min.js", JS, include_bytes!("../assets/vendor/hx-sse.min.js")),
    ("board.js", JS, include_bytes!("../assets/board.js")),
    ("ticket.js", JS, include_bytes!("../assets/ticket.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
];

static ASSETS: LazyLock<Vec<(&str, Asset)>> = LazyLock::new(|| {
    let asset = |&(name, content_type, bytes): &(&'static str, _, &'static [u8])| {
        let hash = blake3::hash(bytes).to_hex();
        let hash = hash.get(..16).expect("a BLAKE3 has 64 hexadecimal digits");
        (name, Asset { href: format!("/assets/{hash}-{name}"), content_type, bytes })
    };
    FILES.iter().map(asset).collect()
});

/// The asset at an address, if it is one of this release's.
pub fn asset(href: &str) -> Option<&'static Asset> {
    ASSETS.iter().map(|(_, asset)| asset).find(|asset| asset.href == href)
}

static RELEASE: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    ASSETS.iter().for_each(|(_, asset)| {
        hasher.update(asset.href.as_bytes());
    });
    hasher.finalize().to_hex().chars().take(16).collect()
});

/// Names the assets of this release together: a page of another release has others.
pub fn release() -> &'static str {
    &RELEASE
}

/// Where the asset of this name is.
///
/// # Panics
/// When there is none of the name: templates name assets, and a test renders them all.
pub(crate) fn href(name: &str) -> &'static str {
    let found = ASSETS.iter().find(|(known, _)| *known == name);
    &found.expect("templates name assets that there are").1.href
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_at_its_address_only() {
        for (name, ..) in FILES {
            assert!(asset(href(name)).is_some(), "{name}");
            assert!(asset(&format!("/assets/{name}")).is_none(), "{name}");
        }
    }

    #[test]
    fn what_others_wrote_is_what_they_published() {
        // BLAKE3 of the files of the npm package htmx.org 4.0.1.
        for (name, hash) in [
            ("htmx.min.js", "2b78dc2b44f6117680c5863fb5dd9a261c2a769feace82c358a295fe735c83e4"),
            ("hx-sse.min.js", "f233d6d988eb37e952480f7de406767458fef3d55ff45187f57d220c91abd6b9"),
        ] {
            let bytes = asset(href(name)).expect("it is there").bytes;
            assert_eq!(blake3::hash(bytes).to_hex().as_str(), hash, "{name}");
        }
    }
}
