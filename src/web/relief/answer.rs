//! One question at a time: only those that can change the outcome, each with the input that fits.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::explain::spoken::SpokenQuestion;
use forbear_engine::policy::facts::{FactRef, FactType};
use forbear_engine::region::RegionTree;
use serde_json::{Value, json};

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::service::relief::ask::Said;
use crate::service::{Conn, Served, Service, ServiceError};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

/// How a question is answered.
enum Input {
    YesNo,
    Number,
    Amount,
    Day,
    One(Vec<(String, String)>),
    Several(Vec<(String, String)>),
    Text,
}

#[derive(Template)]
#[template(path = "relief/question.html")]
struct QuestionPage {
    f: Frame,
    request: String,
    question: SpokenQuestion,
    input: Input,
    left: usize,
}

/// What a question is answered with. Where somebody lives is chosen from the areas that count.
fn input(f: &Frame, of: Option<FactType>, areas: &[(String, String)]) -> Input {
    let listed = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), (*name).replace('_', " "))).collect();
    match of {
        Some(FactType::Bool) => Input::YesNo,
        Some(FactType::Count(_)) => Input::Number,
        Some(FactType::Amount) => Input::Amount,
        Some(FactType::Date) => Input::Day,
        Some(FactType::Region) => {
            let other = ("none".to_owned(), f.say("其他地区，或没有", "Elsewhere, or there is none").to_owned());
            Input::One(areas.iter().cloned().chain([other]).collect())
        }
        Some(FactType::Name(names)) if !names.is_empty() => Input::One(listed(names)),
        Some(FactType::Names(names)) if !names.is_empty() => Input::Several(listed(names)),
        Some(FactType::Designation) => Input::One(listed(&["severe", "affected", "adjacent", "none"])),
        Some(FactType::Severity) => Input::One(listed(&["I", "II", "III", "IV"])),
        Some(FactType::Rate | FactType::Name(_) | FactType::Names(_)) | None => Input::Text,
    }
}

/// The first question that is open; where there is none, the case.
#[get("/relief/cases/{request}/question")]
pub async fn form(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    let (visitor, loaded) = visitor
        .peek(move |service, caller| {
            let told = service.tell_request(caller, number, language)?;
            let open = service.store.read(|conn| service.open_disasters(conn))?;
            let left = told.questions.len();
            Ok((told.asked.request.state, told.questions.into_iter().next(), left, open))
        })
        .await?;
    let (who, (state, first, left, open)) = loaded;
    let Some((question, of)) = first.filter(|_| state == "needs_information") else {
        return Ok(go(&format!("/relief/cases/{request}")));
    };
    let tree = RegionTree::builtin();
    let mut areas: Vec<(String, String)> = Vec::new();
    for (region, _) in open.iter().flat_map(|disaster| &disaster.areas) {
        let area = (tree.code(*region).to_owned(), tree.full_name(*region));
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
    visitor.shown_to(who, |f| {
        let input = input(&f, of, &areas);
        QuestionPage { f, request, question, input, left }
    })
}

/// Takes the answer, and goes on to what is still open.
#[post("/relief/cases/{request}/question")]
pub async fn answer(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let request = path.into_inner();
    let Ok(number) = id("request", &request) else { return Err(visitor.turn(Problem::missing())) };
    let (fact, values) = (fields.get("fact").to_owned(), fields.all("answer").join("\n"));
    visitor
        .act(&fields, (number, fact, values), |service, conn, caller, (number, fact, values)| {
            service.may_see_request(conn, caller, *number)?;
            let value = read_answer(service, conn, *number, (fact, values))?;
            let said = Said { answers: [(fact.clone(), value)].into(), ..Said::default() };
            service.answer_request(conn, &caller.actor, *number, &said)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/relief/cases/{request}/question")))
}

/// An answer to what a request asks, as the engine reads it.
///
/// # Errors
/// It does not fit the question.
pub fn read_answer(service: &Service, conn: &mut Conn, request: i64, (fact, text): (&str, &str)) -> Served<Value> {
    let currency = service.request_currency(conn, request)?;
    let of = FactRef::find(fact, &service.lender.attributes).map(|(_, of)| of);
    value(of, text, &currency).ok_or_else(|| ServiceError::invalid("/answer", "the answer does not fit the question"))
}

/// An answer as the engine reads it.
pub(in crate::web) fn value(of: Option<FactType>, text: &str, currency: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(match of? {
        FactType::Bool => json!(match text {
            "yes" => true,
            "no" => false,
            _ => return None,
        }),
        FactType::Count(_) => json!(text.parse::<u32>().ok()?),
        FactType::Amount => json!({"amount": text, "currency": currency}),
        // That there is no such place is known too.
        FactType::Region if text == "none" => Value::Null,
        FactType::Region => json!(RegionTree::builtin().known(text).map(|_| text)?),
        FactType::Names(_) => json!(text.lines().collect::<Vec<_>>()),
        _ => json!(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_what_is_asked() {
        let read = |of, text| value(Some(of), text, "CNY");
        assert_eq!(read(FactType::Bool, " yes "), Some(json!(true)));
        assert_eq!(read(FactType::Bool, "perhaps"), None);
        assert_eq!(read(FactType::Count("days"), "12"), Some(json!(12)));
        assert_eq!(read(FactType::Count("days"), "-1"), None);
        assert_eq!(read(FactType::Amount, "12.50"), Some(json!({"amount": "12.50", "currency": "CNY"})));
        assert_eq!(read(FactType::Names(&[]), "a\nb"), Some(json!(["a", "b"])));
        assert_eq!(read(FactType::Region, "CN-430623"), Some(json!("CN-430623")));
        assert_eq!(read(FactType::Region, "none"), Some(Value::Null));
        assert_eq!((read(FactType::Region, "yes"), read(FactType::Date, "")), (None, None));
    }
}
