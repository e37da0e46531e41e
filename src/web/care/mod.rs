//! What care sees: alerts and drafts, emergency channels, cases, complaints.

mod alerts;
mod channel;
mod channels;
mod draft;
mod words;

use actix_web::web::ServiceConfig;

use crate::service::access::Role;
use crate::web::frame::Frame;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(alerts::show).service(alerts::refusals);
    config.service(draft::show).service(draft::edit).service(draft::confirm).service(draft::discard);
    config.service(draft::decide);
    config.service(channels::show_all).service(channels::new_form).service(channels::prepare);
    config.service(channels::settings_form).service(channels::change);
    config.service(channel::show).service(channel::approve).service(channel::open).service(channel::extend);
    config.service(channel::stand_down).service(channel::close).service(channel::steer);
}

/// Whether whoever looks may decide here.
fn leads(f: &Frame) -> bool {
    f.is_any(&[Role::CareLead])
}
