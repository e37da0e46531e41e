//! As much of a browser as forms need: a cookie, a language, and the fields of a form that a page shows.

use forbear::secret::Hidden;
use forbear::service::access::Role;
use forbear::service::audit::Actor;
use serde_json::json;

use crate::api::app::App;

/// Somebody who looks at pages, signed in or not.
pub struct Browser {
    agent: ureq::Agent,
    url: String,
    cookie: String,
    token: Option<String>,
    language: &'static str,
}

/// A page, or where the browser is sent.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub html: String,
    pub to: String,
}

impl Browser {
    pub fn nobody(app: &App) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self { agent: config.into(), url: app.url.clone(), cookie: String::new(), token: None, language: "en" }
    }

    /// Somebody of a role, who signs in; the person is of that name.
    pub fn of(app: &App, person: &str, role: Role) -> Self {
        let password = "a long enough password";
        app.service.ensure_user(person, person, &[role], &Hidden::new(password.to_owned())).unwrap();
        let signed_in = app.nobody().post("/v1/session", &json!({"name": person, "password": password}));
        let cookie = signed_in.cookie.clone().unwrap();
        signed_in.is(201);
        Self { cookie: cookie.split(';').next().unwrap().to_owned(), ..Self::nobody(app) }
    }

    /// A borrower, with a token in place of a code.
    pub fn borrower(app: &App, party: &str) -> Self {
        let token = app.service.make_token(&Actor::system(), party, &[Role::Borrower], None).unwrap();
        Self { token: Some(token), ..Self::nobody(app) }
    }

    pub fn reading(self, language: &'static str) -> Self {
        Self { language, ..self }
    }

    pub fn get(&self, path: &str) -> Page {
        page(self.as_somebody(self.agent.get(format!("{}{path}", self.url))).call().unwrap())
    }

    pub fn post(&self, path: &str, fields: &[(String, String)]) -> Page {
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        page(self.as_somebody(self.agent.post(format!("{}{path}", self.url))).send_form(fields).unwrap())
    }

    fn as_somebody<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        let request = request.header("Accept-Language", self.language).header("Cookie", &self.cookie);
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends the form of a page that goes to a path, with more that somebody filled in.
    pub fn send(&self, page: &Page, path: &str, more: &[(&str, &str)]) -> Page {
        let mut fields = page.fields(path);
        fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(path, &fields)
    }
}

fn page(mut answer: ureq::http::Response<ureq::Body>) -> Page {
    let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
    Page { status: answer.status().as_u16(), html: answer.body_mut().read_to_string().unwrap(), to }
}

impl Page {
    /// The page, if there is one.
    #[track_caller]
    pub fn shown(self) -> Self {
        assert_eq!(self.status, 200, "{} {}", self.to, self.html);
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.html.contains(text), "{text} is not in {}", self.html);
    }

    /// What is hidden in the form that goes to a path.
    pub fn fields(&self, path: &str) -> Vec<(String, String)> {
        let start = self.html.find(&format!("method=\"post\" action=\"{path}\"")).expect(path);
        let form = self.html[start..].split("</form>").next().unwrap();
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        hidden.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
    }

    /// Values of every input with a name.
    pub fn values(&self, name: &str) -> Vec<String> {
        let inputs = self.html.split("<input ").skip(1);
        let own = inputs.filter(|input| attribute(input, "name") == name);
        own.map(|input| attribute(input, "value")).collect()
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let tag = tag.split('>').next().unwrap();
    let value = tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap());
    value.unwrap_or_default().to_owned()
}
