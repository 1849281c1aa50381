//! What every answer tells the browser about how to treat it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::site::Site;
use super::visit::REQUEST_MAX;

/// Two years.
const TRANSPORT_SECURITY: &str = "max-age=63072000";
/// Nothing of the device is needed.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), \
                           geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                           publickey-credentials-get=(), screen-wake-lock=(), usb=()";
const FIXED: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not "no-referrer": browsers then name no origin with a form either, and ours are told from others' by it.
    (REFERRER_POLICY, "same-origin"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Answers what is the same for everybody, in as long a time as a page may take.
pub(super) async fn protected(State(site): State<Site>, request: Request, next: Next) -> Response {
    let ends = site.timer().now() + REQUEST_MAX;
    let mut response = tokio::select! {
        response = next.run(request) => response,
        () = site.timer().sleep_until(ends) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    protect(&site, response.headers_mut());
    response
}

/// Adds them. A page is kept nowhere, unless it says itself that it may be.
pub(super) fn protect(site: &Site, headers: &mut HeaderMap) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy(site));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if site.is_secure() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(TRANSPORT_SECURITY),
        );
    }
}

/// No script at all, nothing inline, nothing of others. A form may lead to the provider of logins, by way of the
/// redirect that ends the session there too.
fn policy(site: &Site) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; frame-ancestors 'none'; \
         base-uri 'none'",
        site.provider_origin()
    );
    HeaderValue::from_str(&policy).expect("a checked address is visible ASCII")
}
