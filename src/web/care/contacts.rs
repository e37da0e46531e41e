//! Contacts: somebody calls or comes by; and what an agent does for them, who agreed to it on record.

use actix_web::{HttpResponse, post, web};

use crate::api::problem::Problem;
use crate::api::shape::id;
use crate::secret::{Hidden, token};
use crate::service::ServiceError;
use crate::service::care::complaint::NewComplaint;
use crate::service::care::contact::acting::Consent;
use crate::service::care::contact::attending::To;
use crate::service::care::contact::opening::NewContact;
use crate::service::reference::outside;
use crate::service::relief::ask::Said;
use crate::web::form::Fields;
use crate::web::relief::read_answer;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

fn case_page(case: i64) -> String {
    format!("/care/cases/{}", outside("case", case))
}

/// Takes down that somebody is in touch.
#[post("/care/contacts")]
pub async fn take(visitor: Visitor, fields: Fields) -> Result<HttpResponse, Turned> {
    let hidden = |name: &str| fields.some(name).map(|text| Hidden::text(&text));
    let new = NewContact {
        via: fields.get("via").to_owned(),
        account: fields.some("account"),
        phone: hidden("phone"),
        declaration: fields.some("declaration"),
        note: hidden("note"),
        ..NewContact::default()
    };
    // Of what may name somebody only a digest is kept with the key.
    let said = [fields.get("via").to_owned(), fields.get("account").to_owned(), fields.get("declaration").to_owned()];
    let digests = [token::hash(fields.get("phone")), token::hash(fields.get("note"))];
    let case: i64 = visitor
        .act(&fields, (said, digests), move |service, conn, caller, _| {
            Ok(service.open_contact(conn, caller, &new)?.contact.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Answers somebody who waits.
#[post("/care/contacts/{contact}/answer")]
pub async fn answer(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let case: i64 = visitor
        .act(&fields, number, |service, conn, caller, number| {
            Ok(service.answer_contact(conn, &caller.actor, *number)?.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Says which account it is about.
#[post("/care/contacts/{contact}/identify")]
pub async fn identify(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let case: i64 = visitor
        .act(&fields, (number, fields.get("account").to_owned()), |service, conn, caller, (number, account)| {
            Ok(service.identify_contact(conn, &caller.actor, *number, account)?.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Notes something.
#[post("/care/contacts/{contact}/note")]
pub async fn note(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let text = Hidden::text(fields.get("note"));
    let case: i64 = visitor
        .act(&fields, (number, token::hash(text.show())), move |service, conn, caller, (number, _)| {
            Ok(service.note_contact(conn, &caller.actor, *number, &text)?.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Takes a complaint down that somebody makes in it. The clock begins today.
#[post("/care/contacts/{contact}/complaint")]
pub async fn complain(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let words = Hidden::text(fields.get("words"));
    let said = (number, fields.get("class").to_owned(), token::hash(words.show()));
    let made: String = visitor
        .act(&fields, said, move |service, conn, caller, (number, class, _)| {
            let new = NewComplaint {
                contact: Some(*number),
                account: None,
                class: class.clone(),
                words: words.clone(),
                channel: None,
            };
            Ok(outside("complaint", service.take_complaint(conn, caller, &new)?.id))
        })
        .await?;
    Ok(go(&format!("/care/complaints/{made}")))
}

/// Hands it over to a person or a queue.
#[post("/care/contacts/{contact}/hand-over")]
pub async fn hand_over(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let why = Hidden::text(fields.get("reason"));
    let said = (number, fields.some("person"), fields.some("queue"), token::hash(why.show()));
    let case: i64 = visitor
        .act(&fields, said, move |service, conn, caller, (number, person, queue, _)| {
            let to = match (person, queue) {
                (Some(person), None) => To::Person(person.clone()),
                (None, Some(queue)) => To::Queue(queue.clone()),
                _ => return Err(ServiceError::invalid("", "name a person or a queue, one of both")),
            };
            Ok(service.hand_contact_over(conn, &caller.actor, *number, (&to, &why))?.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Resolves it.
#[post("/care/contacts/{contact}/resolve")]
pub async fn resolve(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let case: i64 = visitor
        .act(&fields, (number, fields.get("outcome").to_owned()), |service, conn, caller, (number, outcome)| {
            Ok(service.resolve_contact(conn, &caller.actor, *number, (outcome, None))?.case_id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// What a form says of a consent: whose, to which words, and where the recording is.
type Recorded = [String; 4];

fn recorded(fields: &Fields) -> Recorded {
    let (script, digest) = fields.get("script").rsplit_once(' ').unwrap_or_default();
    [fields.get("party"), script, digest, fields.get("recording")].map(str::to_owned)
}

fn consent([party, script, digest, recording]: &Recorded) -> Consent {
    Consent {
        party: party.clone(),
        script: script.clone(),
        script_digest: digest.clone(),
        recording: recording.clone(),
        said_at: None,
    }
}

/// Asks for relief for a caller.
#[post("/care/contacts/{contact}/requests")]
pub async fn ask(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let Ok(number) = id("contact", &path) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, fields.some("declaration"), recorded(&fields));
    let case: i64 = visitor
        .act(&fields, said, |service, conn, caller, (number, declaration, recorded)| {
            let said = Said::default();
            let asked = (declaration.as_deref(), &said, &consent(recorded));
            Ok(service.ask_for_caller(conn, &caller.actor, *number, asked)?.case.id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Answers for a caller what was asked.
#[post("/care/contacts/{contact}/requests/{request}/answers")]
pub async fn say(visitor: Visitor, path: web::Path<(String, String)>, fields: Fields) -> Result<HttpResponse, Turned> {
    let (Ok(number), Ok(request)) = (id("contact", &path.0), id("request", &path.1)) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let said = (number, request, fields.get("fact").to_owned(), fields.all("answer").join("\n"));
    let case: i64 = visitor
        .act(&fields, said, |service, conn, caller, (number, request, fact, text)| {
            let value = read_answer(service, conn, *request, (fact, text))?;
            let said = Said { answers: [(fact.clone(), value)].into(), ..Said::default() };
            Ok(service.answer_for_caller(conn, &caller.actor, (*number, *request), &said)?.case.id)
        })
        .await?;
    Ok(go(&case_page(case)))
}

/// Agrees for a caller with what was read to them. Where it was decided anew meanwhile, the case shows what is offered now.
#[post("/care/contacts/{contact}/requests/{request}/accept")]
pub async fn accept(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse, Turned> {
    let (Ok(number), Ok(request)) = (id("contact", &path.0), id("request", &path.1)) else {
        return Err(visitor.turn(Problem::missing()));
    };
    let Ok(case) = id("case", fields.get("case")) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, request, fields.get("shown").to_owned(), recorded(&fields));
    visitor
        .act(&fields, said, |service, conn, caller, (number, request, shown, recorded)| {
            let said = (shown.as_str(), &consent(recorded));
            service.accept_for_caller(conn, &caller.actor, (*number, *request), said)?;
            Ok(())
        })
        .await?;
    Ok(go(&case_page(case)))
}
