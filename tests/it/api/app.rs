//! The service behind a port of its own, and a caller for each role.

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::mpsc;

use forbear::api::limits::Rates;
use forbear::api::serve::{Bounds, serve};
use forbear::service::Service;
use forbear::service::access::Role;
use forbear::service::audit::Actor;
use serde_json::{Value, json};

/// A service that answers until this is gone.
pub struct App {
    pub service: Service,
    pub url: String,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Who calls, and with which token.
#[derive(Clone)]
pub struct Caller {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub etag: Option<String>,
    pub kind: String,
    pub cookie: Option<String>,
}

impl App {
    pub fn start(service: Service) -> Self {
        // A thousand requests of one borrower at once are a race, and no abuse.
        let many = NonZeroU32::MAX;
        let rates = Rates { caller: many, borrower: many, sign_in: many };
        Self::bounded(service, Bounds { workers: 2, rates, ..Bounds::default() })
    }

    pub fn bounded(service: Service, bounds: Bounds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (send, receive) = mpsc::channel();
        let thread = std::thread::spawn({
            let service = service.clone();
            move || {
                actix_web::rt::System::new().block_on(async {
                    let server = serve(service, listener, &bounds, forbear::web::pages(None)).unwrap();
                    send.send(server.handle()).unwrap();
                    server.await.unwrap();
                });
            }
        });
        Self { service, url, handle: receive.recv().unwrap(), thread: Some(thread) }
    }

    /// Somebody of a role; the person is of that name.
    pub fn caller(&self, person: &str, role: Role) -> Caller {
        let token = self.service.make_token(&Actor::system(), person, &[role], None).unwrap();
        Caller { token: Some(token), ..self.nobody() }
    }

    /// Somebody who sends a token as it is.
    pub fn with_token(&self, token: &str) -> Caller {
        Caller { token: Some(token.to_owned()), ..self.nobody() }
    }

    pub fn nobody(&self) -> Caller {
        Caller::nobody(&self.url)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Told at once; waiting for an answer besides would wait for ever where the server ends before it reads the question.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Caller {
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[])
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(&body.to_string()), &[])
    }

    /// With an Idempotency-Key.
    pub fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(&body.to_string()), &[("Idempotency-Key", key)])
    }

    /// Somebody without a token at an address.
    pub fn nobody(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), url: url.to_owned(), token: None }
    }

    /// Somebody with a token at an address.
    pub fn of(url: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::nobody(url) }
    }

    /// With an Idempotency-Key, to somebody who may be gone.
    pub fn try_post_once(&self, key: &str, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.try_send("POST", path, Some(&body.to_string()), &[("Idempotency-Key", key)])
    }

    /// What is no text.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let token = self.token.as_deref().unwrap_or_default();
        let request = self.agent.get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {token}"));
        let mut answer = request.call().unwrap();
        assert_eq!(answer.status(), 200);
        answer.body_mut().read_to_vec().unwrap()
    }

    /// The headers of an answer, and what is no text.
    pub fn head_and_bytes(&self, path: &str) -> (ureq::http::HeaderMap, Vec<u8>) {
        let token = self.token.as_deref().unwrap_or_default();
        let request = self.agent.get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {token}"));
        let mut answer = request.call().unwrap();
        assert_eq!(answer.status(), 200);
        (answer.headers().clone(), answer.body_mut().read_to_vec().unwrap())
    }

    pub fn send(&self, method: &str, path: &str, body: Option<&str>, headers: &[(&str, &str)]) -> Answer {
        self.try_send(method, path, body, headers).unwrap()
    }

    fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.unwrap_or_default().to_owned()).unwrap();
        let mut answer = self.agent.run(request)?;
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (etag, kind) = (header("etag"), header("content-type").unwrap_or_default());
        let cookie = header("set-cookie");
        let text = answer.body_mut().read_to_string()?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or(json!(text)),
            etag,
            kind,
            cookie,
        })
    }
}

impl Answer {
    /// The body, if the status is this.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }
}

/// What the borrower of the sample account asks.
pub fn hardship() -> Value {
    json!({
        "account": "ZZ-20210220-01", "via": "app",
        "answers": {"request.hardship": true}, "choices": {"two-instalments": 2}, "evidence": ["self_statement"],
    })
}
