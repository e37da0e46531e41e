//! What finance sees: what waits for approval and what approving it would do, grants with their reasons and entries,
//! budgets, reports as charts and tables, whether the books agree, and closed months.

mod budgets;
mod bulk;
mod chart;
mod grant;
mod grants;
mod periods;
mod queue;
mod reconciliation;
mod reports;
mod review;
pub(in crate::web) mod words;

use actix_web::web::ServiceConfig;

/// Tells the routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(queue::queue).service(bulk::ask).service(bulk::approve);
    config.service(review::show).service(review::take).service(review::judge);
    config.service(grants::list).service(grant::show).service(grant::approve).service(grant::refuse);
    config.service(grant::reverse).service(budgets::list).service(budgets::make).service(budgets::change);
    config.service(reports::show).service(reconciliation::show).service(periods::list).service(periods::close);
}
