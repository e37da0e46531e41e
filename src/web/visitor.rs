//! Who looks at a page: received at the API's desk, in their language, with the form they sent.

use std::future::{Ready, ready};
use std::str::FromStr;
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use forbear_engine::text::Language;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::Fields;
use super::frame::{Frame, is_proof};
use super::look::page;
use super::turned::Turned;
use crate::api::desk::{COOKIE, Desk};
use crate::api::problem::Problem;
use crate::service::access::session::SignedIn;
use crate::service::access::{Credentials, Principal};
use crate::service::{Conn, Served, Service};

/// Signs somebody in by name; none when that cannot be.
pub type Enter = dyn Fn(&Service, &str) -> Served<Option<SignedIn>> + Send + Sync;

/// Whether a demonstration may begin anew.
pub type MayReset = dyn Fn(&Service) -> Served<()> + Send + Sync;

/// What a demonstration lets visitors do.
#[derive(Clone)]
pub struct Demo {
    /// Signs somebody in by name.
    pub enter: Arc<Enter>,
    /// Whether it may begin anew.
    pub may_reset: Arc<MayReset>,
    /// Begins anew with fresh sample data.
    pub reset: Arc<dyn Fn() + Send + Sync>,
}

/// The cookie of the language.
const LANGUAGE: &str = "forbear_language";

/// Somebody who looks at a page.
pub struct Visitor {
    desk: Desk,
    frame: Frame,
    turn: Turned,
    /// The language, where the address asks for another.
    chosen: Option<Language>,
}

impl FromRequest for Visitor {
    type Error = Turned;
    type Future = Ready<Result<Self, Turned>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let turn = Turned::of(request);
        ready(match Desk::from_request(request, payload).into_inner() {
            Ok(desk) => {
                let frame = Self::frame_of(request, Some(desk.service()));
                Ok(Self { desk, frame, turn, chosen: asked_for(request) })
            }
            Err(problem) => Err(turn.with(problem)),
        })
    }
}

fn asked_for(request: &HttpRequest) -> Option<Language> {
    let mut asked = request.query_string().split('&').filter_map(|part| part.strip_prefix("lang="));
    asked.find_map(|tag| Language::from_str(tag).ok())
}

impl Visitor {
    /// The frame of a request, as long as nobody is known.
    pub(super) fn frame_of(request: &HttpRequest, service: Option<&Service>) -> Frame {
        let kept = || request.cookie(LANGUAGE).and_then(|cookie| Language::from_str(cookie.value()).ok());
        let preferred = || {
            let tags = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?.split(',');
            tags.map(|tag| tag.split([';', '-']).next().unwrap_or_default().trim())
                .find_map(|tag| Language::from_str(tag).ok())
        };
        let service = service.or_else(|| request.app_data::<web::Data<Service>>().map(web::Data::get_ref));
        Frame {
            language: asked_for(request).or_else(kept).or_else(preferred).unwrap_or(Language::Chinese),
            who: None,
            path: request.path().to_owned(),
            demo: request.app_data::<web::Data<Option<Demo>>>().is_some_and(|demo| demo.is_some()),
            zone: service.map_or(chrono_tz::UTC, |service| service.clock.zone()),
            today: service.map_or_else(Default::default, |service| service.clock.today()),
            cookie: request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()),
        }
    }

    /// The language of the page.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.frame.language
    }

    /// Shows a page that everybody may see, who is signed in or not; `load` reads for it.
    ///
    /// # Errors
    /// The work fails.
    pub async fn open<T, L, M, P>(mut self, load: L, make: M) -> Result<HttpResponse, Turned>
    where
        T: Send + 'static,
        L: FnOnce(&Service) -> Served<T> + Send + 'static,
        M: FnOnce(Frame, T) -> P,
        P: Template,
    {
        let service = self.desk.service().clone();
        let (who, loaded) = match (self.desk.maybe_caller().await, web::block(move || load(&service)).await) {
            (Ok(who), Ok(Ok(loaded))) => (who, loaded),
            (Err(problem), _) => return Err(self.turn.with(problem)),
            (_, Ok(Err(error))) => return Err(self.turn.with(error.into())),
            (_, Err(_)) => return Err(self.turn.with(Problem::failed())),
        };
        self.frame.who = who;
        shown(self.chosen, StatusCode::OK, make(self.frame, loaded), self.turn)
    }

    /// Shows a page to whoever may see it.
    ///
    /// # Errors
    /// They may not, or the work fails.
    pub async fn show<T, L, M, P>(self, load: L, make: M) -> Result<HttpResponse, Turned>
    where
        T: Send + 'static,
        L: FnOnce(&Service, &Principal) -> Served<T> + Send + 'static,
        M: FnOnce(Frame, T) -> P,
        P: Template,
    {
        let Self { desk, mut frame, turn, chosen } = self;
        let asked = Asked::of(&desk);
        let loaded = desk.read(move |service, caller| Ok((caller.clone(), load(service, caller)?))).await;
        match loaded {
            Ok((who, loaded)) => {
                frame.who = Some(who);
                shown(chosen, StatusCode::OK, make(frame, loaded), turn)
            }
            Err(problem) => Err(asked.turn(turn, problem).await),
        }
    }

    /// Reads for whoever may see it, before it is said what is shown; goes on with the visitor.
    ///
    /// # Errors
    /// They may not, or the work fails.
    pub async fn peek<T, L>(mut self, load: L) -> Result<(Self, (Principal, T)), Turned>
    where
        T: Send + 'static,
        L: FnOnce(&Service, &Principal) -> Served<T> + Send + 'static,
    {
        match self.desk.peek(load).await {
            Ok(loaded) => Ok((self, loaded)),
            Err(problem) => Err(self.turn.with(problem)),
        }
    }

    /// Shows a page to somebody who is known.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn shown_to<P: Template>(self, who: Principal, make: impl FnOnce(Frame) -> P) -> Result<HttpResponse, Turned> {
        self.shown_with(StatusCode::OK, who, make)
    }

    /// The same with a status.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn shown_with<P: Template>(
        self,
        status: StatusCode,
        who: Principal,
        make: impl FnOnce(Frame) -> P,
    ) -> Result<HttpResponse, Turned> {
        let frame = Frame { who: Some(who), ..self.frame };
        shown(self.chosen, status, make(frame), self.turn)
    }

    /// Does what a form asks for, once for each time that it was shown.
    ///
    /// # Errors
    /// The form is not of this session's own page, the visitor may not, or the work fails.
    pub async fn act<B, T, F>(self, fields: &Fields, body: B, work: F) -> Result<T, Turned>
    where
        B: Serialize + Send + 'static,
        T: Serialize + DeserializeOwned,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<T> + Send + 'static,
    {
        if let Err(problem) = self.proven(fields) {
            return Err(self.turn.with(problem));
        }
        let Self { desk, turn, .. } = self;
        let (key, asked) = (fields.get("key"), Asked::of(&desk));
        let desk = if key.is_empty() { desk } else { desk.with_key(key.to_owned()) };
        match desk.act(body, work).await {
            Ok(done) => Ok(done),
            Err(problem) => Err(asked.turn(turn, problem).await),
        }
    }

    /// Does work of many parts for whoever may, each part in a transaction of its own; goes on with the visitor.
    ///
    /// # Errors
    /// The form is not of this session's own page, the visitor may not, or the work fails as a whole.
    pub async fn each<T, F>(self, fields: &Fields, work: F) -> Result<(Self, (Principal, T)), Turned>
    where
        T: Send + 'static,
        F: FnOnce(&Service, &Principal) -> Served<T> + Send + 'static,
    {
        match self.proven(fields) {
            Ok(()) => self.peek(work).await,
            Err(problem) => Err(self.turn.with(problem)),
        }
    }

    /// Whether a form is of this session's own page. Whoever sends no cookie is nobody's browser.
    fn proven(&self, fields: &Fields) -> Result<(), Problem> {
        let cookie = self.frame.cookie.as_deref();
        if cookie.is_none_or(|cookie| is_proof(fields.get("proof"), cookie)) {
            return Ok(());
        }
        let detail =
            self.frame.say("表单已过期，请返回刷新后重试", "the form is out of date: go back, reload and try again");
        Err(Problem::forbidden(detail.to_owned()))
    }

    /// Does what a form asks for, and shows what it comes to, which is nowhere kept.
    ///
    /// # Errors
    /// As [`Visitor::act`].
    pub async fn act_and_show<B, T, F, M, P>(
        self,
        (fields, who): (&Fields, Principal),
        body: B,
        work: F,
        make: M,
    ) -> Result<HttpResponse, Turned>
    where
        B: Serialize + Send + 'static,
        T: Serialize + DeserializeOwned,
        F: FnMut(&Service, &mut Conn, &Principal, &B) -> Served<T> + Send + 'static,
        M: FnOnce(Frame, T) -> P,
        P: Template,
    {
        if let Err(problem) = self.proven(fields) {
            return Err(self.turn.with(problem));
        }
        let Self { desk, frame, turn, chosen } = self;
        match desk.without_key().act(body, work).await {
            Ok(done) => shown(chosen, StatusCode::OK, make(Frame { who: Some(who), ..frame }, done), turn),
            Err(problem) => Err(turn.with(problem)),
        }
    }

    /// Does work for somebody who is not known yet; goes on with the visitor.
    ///
    /// # Errors
    /// The work fails.
    pub async fn with_service<T, F>(self, work: F) -> Result<(Self, T), Turned>
    where
        T: Send + 'static,
        F: FnOnce(&Service) -> Served<T> + Send + 'static,
    {
        let service = self.desk.service().clone();
        match web::block(move || work(&service)).await {
            Ok(Ok(done)) => Ok((self, done)),
            Ok(Err(error)) => Err(self.turn.with(error.into())),
            Err(_) => Err(self.turn.with(Problem::failed())),
        }
    }

    /// Turns the visitor away.
    #[must_use]
    pub fn turn(self, problem: Problem) -> Turned {
        self.turn.with(problem)
    }

    /// Shows a page again to somebody who is not signed in, with what was wrong.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn again<P: Template>(self, status: StatusCode, make: impl FnOnce(Frame) -> P) -> Result<HttpResponse, Turned> {
        shown(self.chosen, status, make(self.frame), self.turn)
    }
}

/// What a request came with, so that whoever is turned away keeps their rooms.
struct Asked {
    service: Service,
    credentials: Credentials,
}

impl Asked {
    fn of(desk: &Desk) -> Self {
        Self { service: desk.service().clone(), credentials: desk.credentials() }
    }

    async fn turn(self, turn: Turned, problem: Problem) -> Turned {
        // Where the store fails, or nobody is signed in, there is nobody to look up.
        if problem.status == 401 || problem.status >= 500 {
            return turn.with(problem);
        }
        let known = web::block(move || self.service.authenticate(&self.credentials)).await;
        turn.of_somebody(known.ok().and_then(Result::ok).flatten()).with(problem)
    }
}

fn shown(
    chosen: Option<Language>,
    status: StatusCode,
    made: impl Template,
    turn: Turned,
) -> Result<HttpResponse, Turned> {
    let Ok(html) = made.render() else {
        tracing::error!("a page could not be made");
        return Err(turn.with(Problem::failed()));
    };
    let mut answer = page(status, html);
    if let Some(language) = chosen {
        let kept = Cookie::build(LANGUAGE, language.tag()).path("/").http_only(true).same_site(SameSite::Lax);
        answer.add_cookie(&kept.permanent().finish()).map_err(|_| turn.with(Problem::failed()))?;
    }
    Ok(answer)
}

/// Sends the browser on, after a form.
#[must_use]
pub fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}
