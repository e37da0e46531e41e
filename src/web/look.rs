//! What every page tells the browser: nothing from elsewhere, no script inside the page, in no other page's frame.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The style of all pages. It stands inside each, so that nothing has to be fetched before something is seen.
pub const STYLE: &str = include_str!("assets/style.css");

/// The policy of content (CSP Level 3): the one style by its hash, scripts and pictures from here alone.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// An answer that is a page.
#[must_use]
pub fn page(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", POLICY.as_str()))
        // Forms name their origin, which nothing but a referrer policy can take from them.
        .insert_header(("referrer-policy", "same-origin"))
        .insert_header(("x-frame-options", "DENY"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header(("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=()"))
        .insert_header(("vary", "cookie, accept-language"))
        .body(html)
}
