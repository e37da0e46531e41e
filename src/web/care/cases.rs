//! Case work: who waits, and one case with everything that somebody needs who talks with its borrower.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;
use forbear_engine::text::Language;

use crate::api::problem::Problem;
use crate::api::shape::{PageQuery, id, next};
use crate::secret::Hidden;
use crate::service::access::Principal;
use crate::service::account::person::MaskedPerson;
use crate::service::care::FlagRow;
use crate::service::care::case::moving::OUTCOMES as ENDS;
use crate::service::care::case::progress::Progress;
use crate::service::care::case::{CaseRow, Of};
use crate::service::care::complaint::CLASSES;
use crate::service::care::contact::attending::OUTCOMES;
use crate::service::care::contact::script::Script;
use crate::service::care::contact::words::Said;
use crate::service::care::contact::{ContactRow, Of as OfContacts};
use crate::service::care::flag::{ENDS as OVER, REASONS};
use crate::service::care::guard::{Purpose, Verdict};
use crate::service::navigator::{Guided, Spoken, title};
use crate::service::reference::outside;
use crate::service::relief::told::Told;
use crate::service::{Served, Service};
use crate::web::evidence::{File, files};
use crate::web::form::Fields;
use crate::web::frame::Frame;
use crate::web::turned::Turned;
use crate::web::visitor::{Visitor, go};

const STATES: [&str; 2] = ["open", "resolved"];
/// Ways of getting in touch that an agent takes down.
const WAYS: [&str; 3] = ["hotline", "branch", "app"];
const FLAGS: [&str; 5] = ["vulnerable", "bereaved", "hospitalised", "deceased", "represented"];
const PURPOSES: [&str; 4] = ["collections", "marketing", "service", "letter"];
/// Contacts that are shown at once.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "care/cases.html")]
struct Cases {
    f: Frame,
    rows: Vec<CaseRow>,
    waiting: Vec<ContactRow>,
    state: String,
    with: Option<String>,
    next: Option<String>,
    me: String,
}

impl Cases {
    fn named(&self, id: &i64) -> String {
        outside("case", *id)
    }

    fn contact(&self, id: &i64) -> String {
        outside("contact", *id)
    }
}

/// Cases, and who waits.
#[get("/care/cases")]
pub async fn show_all(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Turned> {
    let asked = Fields::asked(&request);
    let query = PageQuery { after: asked.some("after"), limit: None, state: None };
    let (after, limit) = match query.read("case") {
        Ok(read) => read,
        Err(problem) => return Err(visitor.turn(problem)),
    };
    let state = Some(asked.get("state")).filter(|state| STATES.contains(state)).unwrap_or("open").to_owned();
    let with = asked.some("with");
    let of = Of { state: Some(state.clone()), assigned_to: with.clone(), account: None };
    let load = move |service: &Service, _: &Principal| {
        let waiting = OfContacts { state: Some("waiting".to_owned()), ..OfContacts::default() };
        Ok((service.cases_of_care(&of, after, limit)?, service.contacts(&waiting, 0, MOST)?))
    };
    visitor
        .show(load, |f, (rows, waiting)| {
            let next = next("case", rows.len(), limit, rows.last().map(|row| row.id));
            let me = f.name().to_owned();
            Cases { f, rows, waiting, state, with, next, me }
        })
        .await
}

/// What the page of a case is made of.
struct Loaded {
    progress: Progress,
    words: Vec<Said>,
    contacts: Vec<ContactRow>,
    persons: Vec<MaskedPerson>,
    flags: Vec<FlagRow>,
    verdicts: Vec<(&'static str, Verdict)>,
    requests: Vec<Told>,
    files: Vec<File>,
    scripts: Vec<Script>,
}

/// Somebody in full.
type Revealed = [String; 4];

#[derive(Template)]
#[template(path = "care/case.html")]
struct CasePage {
    f: Frame,
    case: String,
    found: Loaded,
    guided: Option<Guided>,
    revealed: Option<Revealed>,
}

impl CasePage {
    fn contact(&self, id: &i64) -> String {
        outside("contact", *id)
    }

    fn request(&self, told: &Told) -> String {
        outside("request", told.asked.request.id)
    }

    fn scripts(&self, purpose: &str) -> Vec<&Script> {
        self.found.scripts.iter().filter(|script| script.purpose == purpose).collect()
    }

    /// The digest of what is offered, which has to be read out before somebody agrees.
    fn offered(&self, told: &Told) -> Option<String> {
        told.asked.grants.iter().find(|grant| grant.state == "offered").map(|grant| grant.shown_digest.clone())
    }

    /// What is granted or offered, in words.
    fn effects(&self, told: &Told) -> Vec<String> {
        let claims = told.spoken.iter().flat_map(|spoken| &spoken.claims);
        let mut said: Vec<String> = Vec::new();
        for effect in claims.flat_map(|claim| &claim.benefits).flat_map(|benefit| &benefit.effects) {
            if !said.contains(effect) {
                said.push(effect.clone());
            }
        }
        said
    }

    fn step(&self, kind: &str) -> &'static str {
        crate::service::care::case::progress::words(kind, self.f.language)
            .unwrap_or_else(|| self.f.say("处理中", "being dealt with"))
    }

    /// Where the case is, also where the page answers a form.
    fn path(&self) -> String {
        format!("/care/cases/{}", self.case)
    }

    /// How sure the navigator is, in hundredths.
    fn percent(&self, guided: &Guided) -> u16 {
        guided.heard.confidence / 10
    }

    /// A question of the navigator, as people call it.
    fn title(&self, question: &str) -> String {
        title(question, self.f.language).unwrap_or_else(|| question.to_owned())
    }

    /// The first of those who owe it, as a form begins.
    fn party(&self) -> &str {
        self.found.persons.first().map_or("", |person| person.party.as_str())
    }

    fn why(&self, verdict: &Verdict) -> Vec<String> {
        let reason = |reason: &crate::service::care::guard::Reason| {
            let mut said = self.f.word("guard", reason.code).into_owned();
            if let Some(of) = &reason.of {
                let of = if reason.code == "flag" { self.f.word("flag", of) } else { of.as_str().into() };
                said = format!("{said} ({of})");
            }
            match &reason.until {
                Some(until) => said + &self.f.put("，至{}", " until {}", self.f.moment(until)),
                None => said,
            }
        };
        verdict.reasons.iter().map(reason).collect()
    }
}

fn load(service: &Service, caller: &Principal, case: i64, language: Language) -> Served<Loaded> {
    let progress = service.progress(caller, case)?;
    let of = OfContacts { case: Some(case), ..OfContacts::default() };
    let (mut persons, mut verdicts, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(account) = &progress.account {
        persons = service.persons_on(account)?;
        for name in PURPOSES {
            let asked = service.question(Purpose::read(name)?, None);
            verdicts.push((name, service.guard(asked, account, None)?));
        }
    }
    if let Some(account) = progress.case.account_id {
        flags = service.flags_on(account)?.into_iter().filter(|row| service.holds(row)).collect();
    }
    let told = |request: &i64| service.tell_request(caller, *request, language);
    Ok(Loaded {
        words: service.words_of(&caller.actor, case, None)?,
        contacts: service.contacts(&of, 0, MOST)?,
        requests: progress.requests.iter().map(told).collect::<Served<_>>()?,
        files: files(service, caller, &progress.requests)?,
        scripts: service.care().scripts.clone(),
        persons,
        flags,
        verdicts,
        progress,
    })
}

/// One case.
#[get("/care/cases/{case}")]
pub async fn show(visitor: Visitor, path: web::Path<String>) -> Result<HttpResponse, Turned> {
    let case = path.into_inner();
    let Ok(number) = id("case", &case) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    visitor
        .show(
            move |service, caller| load(service, caller, number, language),
            |f, found| CasePage { f, case, found, guided: None, revealed: None },
        )
        .await
}

/// What the navigator makes of what a caller says. Nothing of it is kept.
#[post("/care/cases/{case}/navigator")]
pub async fn suggest(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let case = path.into_inner();
    let Ok(number) = id("case", &case) else { return Err(visitor.turn(Problem::missing())) };
    let (language, text) = (visitor.language(), Hidden::text(fields.get("text")));
    let load = move |service: &Service, caller: &Principal| {
        let found = load(service, caller, number, language)?;
        let account = found.progress.account.clone();
        let spoken = Spoken { text: text.show().clone(), language: None, account };
        let guided = service.navigate(caller, &spoken)?;
        Ok((found, guided))
    };
    visitor.show(load, |f, (found, guided)| CasePage { f, case, found, guided: Some(guided), revealed: None }).await
}

/// Shows somebody in full, for a reason that is logged. What is shown is nowhere kept.
#[post("/care/cases/{case}/reveal")]
pub async fn reveal(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let case = path.into_inner();
    let Ok(number) = id("case", &case) else { return Err(visitor.turn(Problem::missing())) };
    let language = visitor.language();
    let (visitor, (who, found)) = visitor.peek(move |service, caller| load(service, caller, number, language)).await?;
    let said = (fields.get("party").to_owned(), fields.get("reason").to_owned());
    visitor
        .act_and_show(
            (&fields, who),
            said,
            |service, conn, caller, (party, reason)| {
                let found = service.reveal_person(conn, &caller.actor, party, reason)?;
                let shown = |text: Option<Hidden<String>>| text.map(|text| text.show().clone()).unwrap_or_default();
                Ok([found.party, shown(found.name), shown(found.phone), shown(found.id_number)])
            },
            |f, revealed: Revealed| CasePage { f, case, found, guided: None, revealed: Some(revealed) },
        )
        .await
}

/// Says what one has to mind of somebody, or that it is over.
#[post("/care/cases/{case}/flags")]
pub async fn mind(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let case = path.into_inner();
    let Ok(_) = id("case", &case) else { return Err(visitor.turn(Problem::missing())) };
    let lifted = fields.get("do") == "lift";
    let said = [fields.get("party"), fields.get("flag"), fields.get("reason")].map(str::to_owned);
    let until: Option<chrono::NaiveDate> = fields.get("until").parse().ok();
    visitor
        .act(&fields, (said, until, lifted), |service, conn, caller, ([party, flag, reason], until, lifted)| {
            if *lifted {
                service.lift_flag(conn, &caller.actor, party, (flag, reason))?;
            } else {
                service.set_flag(conn, &caller.actor, party, (flag, reason, *until))?;
            }
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/cases/{case}")))
}

/// Gives it to somebody, resolves it with an outcome, or opens it again.
#[post("/care/cases/{case}")]
pub async fn change(visitor: Visitor, path: web::Path<String>, fields: Fields) -> Result<HttpResponse, Turned> {
    let case = path.into_inner();
    let Ok(number) = id("case", &case) else { return Err(visitor.turn(Problem::missing())) };
    let said = (number, fields.get("do").to_owned(), fields.some("to"), fields.get("outcome").to_owned());
    visitor
        .act(&fields, said, |service, conn, caller, (number, way, to, outcome)| {
            match way.as_str() {
                "assign" => service.assign_case(conn, &caller.actor, *number, to.as_deref())?,
                "resolve" => service.resolve_case(conn, &caller.actor, *number, outcome)?,
                "reopen" => service.reopen_case(conn, &caller.actor, *number)?,
                _ => return Err(crate::service::ServiceError::invalid("/do", "assign, resolve or reopen")),
            };
            Ok(())
        })
        .await?;
    Ok(go(&format!("/care/cases/{case}")))
}
