//! Pages: what people see in a browser. Made here as HTML, with no request to anywhere else.
//!
//! ```text
//! request ─► visitor   who, in which language, with which form
//!            │
//!            ▼
//!      a handler of relief/ care/ finance/ policy/   reads or acts through the service, as the API does
//!            │
//!            ▼
//!          frame ─► template ─► an answer with what browsers have to be told: look.rs
//! ```
//!
//! A template stands beside its handler. Words stand in templates in both languages, side by side, so that none is
//! missing. Whatever is refused becomes a page too: `turned`.

pub mod asset;
pub mod care;
pub mod evidence;
pub mod finance;
pub mod form;
pub mod frame;
pub mod imports;
pub mod landing;
pub mod look;
pub mod policy;
mod refusal;
pub mod relief;
pub mod sign_in;
pub mod turned;
pub mod visitor;

use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};

use self::visitor::Demo;

/// The pages, told to an application. They come last: what is no route of the API is a page or nothing.
pub fn pages(demo: Option<Demo>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config.app_data(web::Data::new(demo.clone())).service(
            web::scope("")
                .wrap(Compress::default())
                .configure(landing::routes)
                .configure(sign_in::routes)
                .configure(relief::routes)
                .configure(care::routes)
                .configure(finance::routes)
                .configure(policy::routes)
                .configure(imports::routes)
                .configure(evidence::routes)
                .configure(asset::routes)
                .default_service(web::to(turned::nothing_here)),
        );
    }
}
