//! What those who write and approve policies see: the library, one version with its problems and cases, an editor, what
//! differs between two versions, what is in flight, and previews against the book.

mod act;
mod cases;
mod compare;
mod edit;
mod guide;
mod library;
mod preview;
mod problem;
mod text;
mod version;
pub(in crate::web) mod words;

use actix_web::web::{FormConfig, ServiceConfig, resource};

/// The longest form of the editor: a long policy, each character of it written as nine.
const LONGEST: usize = 4 << 20;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    let long = FormConfig::default().limit(LONGEST);
    config.service(library::list).service(edit::form);
    config.service(resource("/policies/edit").app_data(long.clone()).post(edit::send));
    config.service(cases::form);
    config.service(resource("/policies/{slug}/{version}/cases").app_data(long).post(cases::send));
    config.service(version::show).service(act::submit).service(act::approve).service(act::give_back);
    config.service(act::ask_withdraw).service(act::withdraw).service(compare::show);
    config.service(preview::begin).service(preview::show).service(preview::cancel);
}
