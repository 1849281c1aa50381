//! The files beside the pages. Their names hold a hash of what is in them, so that a browser may keep them for good.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../../../templates/style.css");
const ICON: &str = include_str!("../../../templates/icon.svg");
/// Bytes of the hash that stand in a name.
const HASH_BYTES: usize = 8;
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The address of the style sheet.
pub(super) fn style_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| path("stijl", STYLE, "css"));
    &PATH
}

/// The address of the icon.
pub(super) fn icon_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| path("icoon", ICON, "svg"));
    &PATH
}

pub(super) async fn style() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, FOR_GOOD),
        ],
        STYLE,
    )
}

pub(super) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOR_GOOD)], ICON)
}

fn path(name: &str, content: &str, ending: &str) -> String {
    let mut path = format!("/{name}.");
    for byte in &Sha256::digest(content.as_bytes())[..HASH_BYTES] {
        write!(path, "{byte:02x}").expect("writing to a String does not fail");
    }
    path + "." + ending
}
