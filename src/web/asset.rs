//! Files that pages fetch: scripts, each under the digest of what it holds, so that browsers keep it for good.

use std::sync::LazyLock;

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, web};

use crate::secret::token;

/// The script of the lender's pages.
const SCRIPT: &str = include_str!("assets/desk.js");

static DIGEST: LazyLock<String> = LazyLock::new(|| token::hash(SCRIPT).chars().take(16).collect());

/// Where the script is.
#[must_use]
pub fn script() -> String {
    format!("/assets/{}/desk.js", *DIGEST)
}

/// Tells them.
pub fn routes(config: &mut ServiceConfig) {
    config.service(file);
}

/// A file.
#[get("/assets/{digest}/{file}")]
pub async fn file(path: web::Path<(String, String)>) -> HttpResponse {
    let (digest, file) = path.into_inner();
    if file != "desk.js" || digest != *DIGEST {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .body(SCRIPT)
}
