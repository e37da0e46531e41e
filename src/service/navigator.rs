//! Navigation: what a person says is taken to a question, and answered from what is in force and from their own case.
//! What was said is not kept, and not logged.

use std::sync::LazyLock;

use chrono::NaiveDate;
use forbear_engine::text::Language;
use forbear_navigator::answers::{ANSWERS, Action, Answers, Live};
use forbear_navigator::lines::PERSON;
use forbear_navigator::navigate::{Heard, Navigator};
use forbear_navigator::questions::{Both, Question};

use super::access::Principal;
use super::care::case::progress::words;
use super::{Conn, Served, Service, ServiceError};
use crate::store::request::{self, RequestRow};
use crate::store::{account, case};

/// What is said, and of which account. It has no `Debug`, so that no log shows it.
pub struct Spoken {
    /// The text.
    pub text: String,
    /// The language of the answer; that of the text when it is not given.
    pub language: Option<Language>,
    /// The account it is about. A borrower with one account need not name it.
    pub account: Option<String>,
}

/// What is answered.
#[derive(Debug)]
pub struct Guided {
    /// What was understood.
    pub heard: Heard,
    /// The question and its scenario in the language of the answer, where there is one.
    pub titles: Option<(String, String)>,
    /// The language.
    pub language: Language,
    /// The answer.
    pub answer: String,
    /// What follows.
    pub action: Action,
    /// The request that it is about.
    pub request: Option<RequestRow>,
    /// The number of its case.
    pub case_number: Option<String>,
    /// The digest of the model.
    pub model: &'static str,
}

/// What is shipped, read once.
struct Shipped {
    navigator: Navigator,
    answers: Answers,
}

static SHIPPED: LazyLock<Result<Shipped, String>> = LazyLock::new(|| {
    let navigator = Navigator::shipped()?;
    let answers = Answers::read(ANSWERS, navigator.questions())?;
    Ok(Shipped { navigator, answers })
});

/// What people call a question, by its name.
#[must_use]
pub fn title(question: &str, language: Language) -> Option<String> {
    let found = SHIPPED.as_ref().ok()?.navigator.questions().find(question)?;
    Some(match language {
        Language::Chinese => found.title.zh.clone(),
        Language::English => found.title.en.clone(),
    })
}

impl Service {
    /// Takes what is said to a question, and answers it.
    ///
    /// # Errors
    /// The account is not there for this caller.
    pub fn navigate(&self, caller: &Principal, spoken: &Spoken) -> Served<Guided> {
        self.store.read(|conn| self.navigate_in(conn, caller, spoken))
    }

    /// The same within a transaction.
    pub(super) fn navigate_in(&self, conn: &mut Conn, caller: &Principal, spoken: &Spoken) -> Served<Guided> {
        let shipped = SHIPPED.as_ref().map_err(|error| ServiceError::unknown(error.clone()))?;
        let heard = shipped.navigator.hear(&spoken.text);
        let chinese = spoken.text.chars().any(forbear_navigator::text::is_han);
        let language = spoken.language.unwrap_or(if chinese { Language::Chinese } else { Language::English });
        let label = heard.question.as_deref().unwrap_or(PERSON);
        let answer =
            shipped.answers.of(label).ok_or_else(|| ServiceError::unknown(format!("{label} has no answer")))?;
        let request = last_request(conn, caller, spoken.account.as_deref())?;
        let mut live = self.in_force(conn, language)?;
        let mut case_number = None;
        if let Some(row) = &request {
            live.extend(self.of_case(conn, row, language)?);
            case_number = live.get("case").cloned();
        }
        live.retain(|_, value| !value.is_empty());
        let pick = |both: &Both| match language {
            Language::Chinese => both.zh.clone(),
            Language::English => both.en.clone(),
        };
        let titles = |question: &Question| (pick(&question.scenario_title), pick(&question.title));
        Ok(Guided {
            titles: shipped.navigator.questions().find(label).map(titles),
            answer: answer.say(language == Language::Chinese, &live),
            action: answer.action,
            request: request.filter(|_| heard.question.is_some()),
            case_number: case_number.filter(|_| heard.question.is_some()),
            model: shipped.navigator.digest(),
            language,
            heard,
        })
    }

    /// What a case may be cited with.
    fn of_case(&self, conn: &mut Conn, row: &RequestRow, language: Language) -> Served<Live> {
        let case = case::of_request(conn, row.id)?.ok_or(ServiceError::Missing("case"))?;
        let mut live = Live::from([("case", case.number.clone())]);
        let progress = self.progress_of(conn, case)?;
        live.extend(progress.answer_by.map(|day| ("answer_by", day.to_string())));
        let last = progress.steps.iter().rev().find_map(|step| words(&step.kind, language));
        live.extend(last.map(|words| ("step", words.to_owned())));
        Ok(live)
    }

    /// What one may ask for today: policies that start on request, the disasters that they fit, and the first last day.
    fn in_force(&self, conn: &mut Conn, language: Language) -> Served<Live> {
        let (mut policies, mut disasters, mut last_days) = (Vec::new(), Vec::new(), Vec::new());
        for disaster in self.open_disasters(conn)? {
            for (program, last) in &disaster.policies {
                push(&mut policies, program.get(language));
                last_days.push(*last);
            }
            if !disaster.policies.is_empty() {
                push(&mut disasters, disaster.title.get(language));
            }
        }
        let apply_by =
            last_days.into_iter().collect::<Option<Vec<NaiveDate>>>().and_then(|days| days.into_iter().min());
        let listed = |names: &[String]| names.join(language.of(["、", "; "]));
        let mut live = Live::from([("policy_title", listed(&policies)), ("declaration_title", listed(&disasters))]);
        live.extend(apply_by.map(|day| ("apply_by", day.to_string())));
        Ok(live)
    }
}

fn push(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The last request on the account that is named, or on the only one that the borrower has.
fn last_request(conn: &mut Conn, caller: &Principal, number: Option<&str>) -> Served<Option<RequestRow>> {
    let account = match (number, caller.borrower()) {
        (Some(number), _) => Some(caller.account(conn, number)?.id),
        (None, Some(party)) => match account::owed_by(conn, &[party.to_owned()])?.as_slice() {
            [(only, _)] => Some(*only),
            _ => None,
        },
        (None, None) => None,
    };
    let requests = account.map(|account| request::of_account(conn, account)).transpose()?;
    Ok(requests.and_then(|requests| requests.into_iter().max_by_key(|row| (row.created_at, row.id))))
}

/// Whether something is one of the questions.
#[must_use]
pub fn is_question(label: &str) -> bool {
    SHIPPED.as_ref().is_ok_and(|shipped| shipped.navigator.questions().find(label).is_some())
}
