//! `/v1/navigator`: what a person says, taken to a question and answered.

use actix_web::{post, web};
use forbear_engine::text::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::{Desk, json};
use super::problem::Problem;
use crate::service::navigator::{Guided, Spoken};
use crate::service::reference::outside;

/// What is said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpokenBody {
    /// The text, as typed or as a recogniser of speech heard it. It is neither kept nor logged.
    pub text: String,
    /// zh-CN or en: the language of the answer. Left out, that of the text.
    #[serde(default)]
    pub language: Option<SpokenLanguage>,
    /// The account's number, for an answer from its case. A borrower with one account need not give it.
    #[serde(default)]
    pub account: Option<String>,
    /// Where it is said.
    #[serde(default)]
    pub via: Option<SpokenVia>,
}

/// A language.
#[derive(Clone, Copy, Deserialize, ToSchema)]
pub enum SpokenLanguage {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// A way of speaking.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpokenVia {
    /// In the app.
    App,
    /// On a page.
    Page,
    /// By voice.
    Hotline,
    /// By text message.
    Sms,
    /// In a chat.
    Chat,
}

impl SpokenVia {
    const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Page => "page",
            Self::Hotline => "hotline",
            Self::Sms => "sms",
            Self::Chat => "chat",
        }
    }
}

/// What is answered.
#[derive(Serialize, ToSchema)]
pub struct GuidedResponse {
    /// The question, as `scenario.question`; none: a person takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question_title: Option<String>,
    /// The scenario that it is most likely about, also where a person takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What the question's scenario is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario_title: Option<String>,
    /// Of a thousand answers that lead by as much, how many are right.
    pub confidence: u16,
    /// Why a person takes over: `asked_for_person`, `unsure`, `outside` or `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What else it may be, best first.
    pub runners_up: Vec<String>,
    /// zh-CN or en.
    pub language: String,
    /// What is said to the person.
    pub answer: String,
    /// What follows: `answer`, `open_request`, `read_progress`, `take_complaint` or `hand_to_person`.
    pub action: String,
    /// The request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Its case number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
    /// SHA-256 of the model that understood it.
    pub model: String,
}

fn shape(guided: Guided) -> GuidedResponse {
    let (scenario_title, question_title) = guided.titles.unzip();
    GuidedResponse {
        question: guided.heard.question,
        question_title,
        scenario: guided.heard.scenario,
        scenario_title,
        confidence: guided.heard.confidence,
        why: guided.heard.why.map(|why| why.name().to_owned()),
        runners_up: guided.heard.runners_up.into_iter().map(|near| near.question).collect(),
        language: guided.language.of(["zh-CN", "en"]).to_owned(),
        answer: guided.answer,
        action: guided.action.name().to_owned(),
        request: guided.request.as_ref().map(|row| outside("request", row.id)),
        case_number: guided.case_number,
        model: guided.model.to_owned(),
    }
}

/// Takes what a person says to a question, and answers it. Nothing is kept, so that no Idempotency-Key is needed.
#[utoipa::path(tag = "navigator", request_body = SpokenBody,
    responses((status = 200, body = GuidedResponse), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[post("/navigator")]
pub async fn navigate(desk: Desk, body: web::Bytes) -> Result<web::Json<GuidedResponse>, Problem> {
    let body: SpokenBody = json(&body)?;
    let via = body.via.map_or("unknown", SpokenVia::name);
    let spoken = Spoken {
        text: body.text,
        language: body.language.map(|language| match language {
            SpokenLanguage::Chinese => Language::Chinese,
            SpokenLanguage::English => Language::English,
        }),
        account: body.account,
    };
    let guided = desk.read(move |service, caller| service.navigate(caller, &spoken)).await?;
    let outcome = guided.heard.why.map_or("answered", |why| why.name());
    ::metrics::counter!("forbear_navigator_total", "via" => via, "outcome" => outcome).increment(1);
    Ok(web::Json(shape(guided)))
}
