//! What borrowers see, on a phone first, without any script: what counts, asking, one question at a time, options side
//! by side, consent, their case, and complaints.

pub(in crate::web) mod answer;
mod case;
mod complaint;
mod evidence;
mod loans;
mod messages;
pub(in crate::web) mod options;
mod progress;
mod start;

use actix_web::web::ServiceConfig;

pub(super) use answer::read_answer;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(start::home).service(start::phone_form).service(start::ask_code).service(start::use_code);
    config.service(start::from_app).service(loans::list).service(loans::ask_form).service(loans::ask);
    config.service(case::show).service(case::withdraw).service(case::appeal_form).service(case::appeal);
    config.service(case::letter).service(answer::form).service(answer::answer);
    config.service(options::show).service(options::choose).service(options::consent);
    config.service(evidence::form).service(evidence::take).service(progress::form).service(progress::look_up);
    config.service(complaint::form).service(complaint::complain).service(complaint::show);
    config.service(messages::list).service(messages::choose);
    config.service(complaint::withdraw).service(complaint::rate).service(complaint::reopen);
}
