//! Pages, in a real browser: each user's journey from the landing page to its result, at the program as it is started.

mod books;
mod borrower;
mod browser;
mod care;
mod complaint;
mod every;
mod evidence;
mod finance;
mod light;
mod people;
mod policies;
mod program;
mod staff;
mod tour;
mod walk;
mod week;
mod words;

/// Runs a test that waits for a browser; nothing happens where there is none.
fn in_browser<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    if browser::is_there() {
        actix_web::rt::System::new().block_on(test());
    }
}
