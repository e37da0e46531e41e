//! What care sees: alerts and drafts, emergency channels, cases, complaints.

mod alerts;
mod cases;
mod channel;
mod channels;
mod complaints;
mod contacts;
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
    config.service(cases::show_all).service(cases::show).service(cases::suggest).service(cases::reveal);
    config.service(cases::mind).service(cases::change);
    config
        .service(contacts::take)
        .service(contacts::answer)
        .service(contacts::identify)
        .service(contacts::note)
        .service(contacts::complain);
    config.service(contacts::hand_over).service(contacts::resolve).service(contacts::ask).service(contacts::say);
    config.service(contacts::accept);
    config.service(complaints::show_all).service(complaints::show).service(complaints::assign);
    config.service(complaints::extend).service(complaints::resolve).service(complaints::reopen);
}

/// Whether whoever looks may decide here.
fn leads(f: &Frame) -> bool {
    f.is_any(&[Role::CareLead])
}
