//! What is refused, as a page: where to sign in, what is not there, what does not fit.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, REFERER, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::frame::Frame;
use super::look::page;
use super::sign_in::next_of;
use super::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::rules;
use crate::service::access::Principal;

/// A visitor who is turned away, with why.
pub struct Turned(Box<Away>);

struct Away {
    problem: Problem,
    frame: Frame,
    /// Whether it was a look, and no form.
    look: bool,
    /// The page of this site that the form was on.
    back: Option<String>,
}

#[derive(Template)]
#[template(path = "turned.html")]
struct TurnedPage<'a> {
    f: &'a Frame,
    title: &'a str,
    problem: &'a Problem,
    back: Option<&'a str>,
}

impl Turned {
    /// For a request, with nothing wrong yet.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let frame = Visitor::frame_of(request, None);
        let look = request.method().is_safe();
        let back = if look { None } else { came_from(request) };
        Self(Box::new(Away { problem: Problem::failed(), frame, look, back }))
    }

    /// With who it is, so that the page has their rooms.
    #[must_use]
    pub fn of_somebody(mut self, who: Option<Principal>) -> Self {
        self.0.frame.who = who;
        self
    }

    /// With what is wrong.
    #[must_use]
    pub fn with(mut self, problem: Problem) -> Self {
        self.0.problem = problem;
        self
    }

    fn title(&self) -> &str {
        let say = |zh, en| self.0.frame.say(zh, en);
        match self.0.problem.status {
            400 | 422 => say("您填写的内容有误", "Something you entered does not fit"),
            403 => say("您没有权限查看此页", "You may not see this page"),
            404 => say("找不到这个页面", "There is no such page"),
            409 => say("情况已经变化，请重新查看", "Things have changed: please look again"),
            429 => say("操作太频繁，请稍后再试", "Too many attempts: please wait a moment"),
            _ => say("系统暂时出错，请稍后再试", "Something failed here: please try again later"),
        }
    }
}

impl fmt::Debug for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.problem, f)
    }
}

impl ResponseError for Turned {
    fn status_code(&self) -> StatusCode {
        self.0.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        if self.0.problem.status == 401 {
            let door = if self.0.frame.is_borrowers() { "/relief/sign-in" } else { "/sign-in" };
            let next = if self.0.look { self.0.frame.path.as_str() } else { "" };
            return HttpResponse::SeeOther().insert_header((LOCATION, format!("{door}?next={next}"))).finish();
        }
        let back = self.0.back.as_deref();
        let shown = TurnedPage { f: &self.0.frame, title: self.title(), problem: &self.0.problem, back };
        let Ok(html) = shown.render() else { return HttpResponse::InternalServerError().finish() };
        let mut answer = page(self.status_code(), html);
        if let Some(seconds) = self.0.problem.retry_after
            && let Ok(seconds) = seconds.to_string().parse()
        {
            answer.headers_mut().insert(RETRY_AFTER, seconds);
        }
        answer
    }
}

/// The page of this site that a form was sent from, as the browser says.
fn came_from(request: &HttpRequest) -> Option<String> {
    let said = request.headers().get(REFERER)?.to_str().ok()?;
    let (_, rest) = said.split_once("://")?;
    let path = rest.strip_prefix(request.connection_info().host())?;
    next_of(path).map(str::to_owned)
}

/// Where no page is: what asks for the API is answered as the API answers.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let path = request.match_info().as_str();
    let methods = rules::methods(path);
    if path.starts_with("/v1/") || !methods.is_empty() {
        return crate::api::serve::nothing_here(request).await;
    }
    Turned::of(&request).with(Problem::missing()).error_response()
}
