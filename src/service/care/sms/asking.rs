//! Relief by message: asked for by a channel's key word or in free words, questions answered one by one, an option chosen, agreed
//! with. Everything goes the way that it goes in the app.

use forbear_engine::decide::Outcome;
use forbear_engine::policy::facts::{FactRef, FactType};
use forbear_engine::request::Request;
use forbear_engine::text::Language;
use serde_json::{Value, json};

use super::Reply;
use super::dialogue::{Expect, party_on};
use super::hearing;
use super::receiving::Sender;
use super::replying::{self, say};
use super::telling::ending;
use crate::service::access::borrower::principal;
use crate::service::relief::approve::Agreed;
use crate::service::relief::ask::{Asked, NewRequest, Said, add};
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, channel};

/// Words that ask for relief by themselves.
const APPLY: [&str; 7] = ["申请", "申请纾困", "申请延期", "救助", "apply", "relief", "help me"];

impl Service {
    /// Asks for relief where a message is an open channel's key word, or one that always asks.
    pub(super) fn ask_by_word(&self, conn: &mut Connection, sender: &Sender, text: &str) -> Served<Option<Reply>> {
        let first = text.split(' ').next().unwrap_or_default();
        let declaration = match channel::of_word(conn, text)? {
            Some(row) => Some(row),
            None => channel::of_word(conn, first)?,
        };
        let declaration = declaration.map(|row| row.declaration);
        if declaration.is_none() && !APPLY.contains(&text) {
            return Ok(None);
        }
        match sender.accounts.as_slice() {
            [(only, _)] => self.ask_by_message(conn, sender, &[*only], declaration.as_deref()).map(Some),
            _ => self.ask_which(conn, sender, declaration).map(Some),
        }
    }

    /// Asks which of several loans it is about, by the ends of their numbers.
    pub(super) fn ask_which(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        declaration: Option<String>,
    ) -> Served<Reply> {
        // As many as fit into a message.
        let shown: Vec<&(i64, String)> = sender.accounts.iter().take(9).collect();
        let parts = shown.iter().enumerate().map(|(at, (_, number))| {
            let place = at.saturating_add(1).to_string();
            say(sender.language, ["{} 尾号{}", "{} ending {}"], &[&place, &ending(number)])
        });
        let list = parts.collect::<Vec<_>>().join(sender.language.of(["；", "; "]));
        let accounts = shown.iter().map(|(account, _)| *account).collect();
        self.expect(conn, sender, Some(&Expect::Loan { accounts, declaration }))?;
        Ok(Reply::new("which", say(sender.language, replying::WHICH, &[&list])))
    }

    /// Asks for relief on some loans, as the one who owes each.
    fn ask_by_message(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        accounts: &[i64],
        declaration: Option<&str>,
    ) -> Served<Reply> {
        let mut requests = Vec::new();
        for account in accounts {
            let Some(own) = account::get(conn, *account)? else { continue };
            let Some(party) = party_on(conn, sender, own.id)? else { continue };
            self.message_contact(
                conn,
                sender,
                Some((own.id, declaration)),
                (Some("relief.apply"), Some("relief_asked")),
            )?;
            let new = NewRequest {
                account: own.number,
                declaration: declaration.map(str::to_owned),
                via: Some("sms".to_owned()),
                said: Said::default(),
            };
            requests.push(self.ask(conn, &principal(&party).actor, &new)?.request.id);
        }
        self.next(conn, sender, &requests)
    }

    /// Takes a message for the answer to what was asked; none where it is none, and says something else.
    pub(super) fn answer_expected(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        expects: Expect,
        text: &str,
    ) -> Served<Option<Reply>> {
        let yes = hearing::yes_or_no(text);
        match expects {
            Expect::Loan { accounts, declaration } => {
                let chosen: Vec<i64> = match hearing::number(text) {
                    Some(0) => accounts,
                    Some(at) => place(at).and_then(|at| accounts.get(at).copied()).into_iter().collect(),
                    None => return Ok(None),
                };
                if chosen.is_empty() {
                    return self.ask_which(conn, sender, declaration).map(Some);
                }
                self.ask_by_message(conn, sender, &chosen, declaration.as_deref()).map(Some)
            }
            Expect::Asking { accounts, declaration } => match yes {
                Some(true) => self.ask_by_message(conn, sender, &accounts, declaration.as_deref()).map(Some),
                Some(false) => self.leave(conn, sender).map(Some),
                None => Ok(None),
            },
            Expect::Answer { requests, fact } => self.read_answer(conn, sender, (requests, fact), text),
            Expect::Understood { requests, fact, value } => match yes {
                Some(true) => self.add_answer(conn, sender, &requests, (&fact, value)).map(Some),
                Some(false) => self.ask_fact(conn, sender, requests, fact).map(Some),
                None => Ok(None),
            },
            Expect::Statement { requests, kind } => match yes {
                Some(true) => {
                    let said = Said { evidence: vec![kind], ..Said::default() };
                    self.say_in(conn, sender, &requests, &said).map(Some)
                }
                Some(false) => self.leave(conn, sender).map(Some),
                None => Ok(None),
            },
            Expect::Offer { requests, request, offers } => {
                let Some(at) = hearing::number(text) else { return Ok(None) };
                let said = Said { accepts: place(at).and_then(|at| offers.get(at).cloned()), ..Said::default() };
                if said.accepts.is_none() {
                    return self.next(conn, sender, &requests).map(Some);
                }
                self.say_in_one(conn, sender, &requests, (request, &said)).map(Some)
            }
            Expect::Consent { requests, request, shown } => match yes {
                Some(true) => self.agree_by_message(conn, sender, &requests, (request, &shown)).map(Some),
                Some(false) => self.leave(conn, sender).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Nothing is done, and nothing is asked any more.
    fn leave(&self, conn: &mut Connection, sender: &Sender) -> Served<Reply> {
        self.expect(conn, sender, None)?;
        Ok(Reply::new("no", say(sender.language, replying::NOT_DONE, &[])))
    }

    /// Reads an answer by the type of its fact; what could be misread is said back first.
    fn read_answer(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        (requests, fact): (Vec<i64>, String),
        text: &str,
    ) -> Served<Option<Reply>> {
        let Some((_, of)) = FactRef::find(&fact, &self.lender.attributes) else { return Ok(None) };
        match hearing::answer(of, text, self.clock.today()) {
            Some((value, None)) => self.add_answer(conn, sender, &requests, (&fact, value)).map(Some),
            Some((value, Some(said))) => {
                self.expect(conn, sender, Some(&Expect::Understood { requests, fact, value }))?;
                Ok(Some(Reply::new("understood", say(sender.language, replying::DID_YOU_MEAN, &[&said]))))
            }
            // A sentence is for the navigator; what looks like an answer and is none is asked again.
            None if text.chars().count() > 12 && of == FactType::Bool => Ok(None),
            None => {
                let asked = self.ask_fact(conn, sender, requests, fact)?;
                let question = asked.text.unwrap_or_default();
                Ok(Some(Reply::new("again", say(sender.language, replying::AGAIN, &[&question]))))
            }
        }
    }

    fn add_answer(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        requests: &[i64],
        (fact, value): (&str, Value),
    ) -> Served<Reply> {
        let said = Said { answers: [(fact.to_owned(), value)].into(), ..Said::default() };
        self.say_in(conn, sender, requests, &said)
    }

    /// Says something in every request, and goes on to what is asked next.
    fn say_in(&self, conn: &mut Connection, sender: &Sender, requests: &[i64], said: &Said) -> Served<Reply> {
        let mut open = Vec::new();
        for request in requests {
            open.extend(self.answer_one(conn, sender, *request, said)?);
        }
        self.next_of(conn, sender, &open, requests)
    }

    /// Says something in one of some requests.
    fn say_in_one(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        requests: &[i64],
        (one, said): (i64, &Said),
    ) -> Served<Reply> {
        let mut open = Vec::new();
        for request in requests {
            open.extend(if *request == one { self.answer_one(conn, sender, one, said)? } else { Some(*request) });
        }
        self.next_of(conn, sender, &open, requests)
    }

    /// Says something in a request; the answer is where it goes on, if it does. What was decided already, and could be given more on
    /// what is said, is asked for once more; where it could not, that was all.
    fn answer_one(&self, conn: &mut Connection, sender: &Sender, request: i64, said: &Said) -> Served<Option<i64>> {
        let (own, row) = self.taken(conn, request)?;
        let Some(party) = party_on(conn, sender, own.id)?.filter(|_| row.state != "closed") else { return Ok(None) };
        let actor = principal(&party).actor;
        if row.state == "needs_information" {
            self.answer_request(conn, &actor, request, said)?;
            return Ok(Some(request));
        }
        let mut body: Request = serde_json::from_str(&row.body).map_err(ServiceError::unknown)?;
        add(&mut body, said);
        let made = self.decide_account(conn, &own, Some(&body), row.declaration.as_deref(), &[])?;
        if made.decision.outcome == Outcome::Declined {
            return Ok(None);
        }
        let said =
            Said { answers: body.answers, choices: body.choices, evidence: body.evidence, accepts: body.accepts };
        let new = NewRequest { account: own.number, declaration: row.declaration, via: Some("sms".to_owned()), said };
        Ok(Some(self.ask(conn, &actor, &new)?.request.id))
    }

    /// Agrees with what was shown, which is what is agreed with and nothing else.
    fn agree_by_message(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        requests: &[i64],
        (request, shown): (i64, &str),
    ) -> Served<Reply> {
        let (own, _) = self.taken(conn, request)?;
        // Nobody agrees for somebody else.
        let Some(party) = party_on(conn, sender, own.id)? else { return self.leave(conn, sender) };
        let actor = principal(&party).actor;
        let asked = match self.accept_offers(conn, &actor, request, shown) {
            Ok(Agreed::Done(asked)) => asked,
            Ok(Agreed::DecidedAgain(_))
            | Err(ServiceError::Conflict { code: "digest_differs" | "nothing_offered", .. }) => {
                let changed = say(sender.language, replying::CHANGED, &[]);
                let next = self.next(conn, sender, requests)?;
                let text = next.text.map(|text| replying::both(sender.language, &changed, &text));
                return Ok(Reply { text, ..next });
            }
            Err(other) => return Err(other),
        };
        let others: Vec<i64> = requests.iter().copied().filter(|other| *other != request).collect();
        let agreed = say(sender.language, replying::AGREED, &[&asked.case.number]);
        let case = asked.case.id;
        let open = others.first().map(|_| self.next(conn, sender, &others)).transpose()?;
        match open {
            Some(next) => {
                let text = next.text.map(|text| replying::both(sender.language, &agreed, &text));
                Ok(Reply { text, ..next })
            }
            None => {
                self.expect(conn, sender, None)?;
                Ok(Reply::new("agreed", agreed).of_case(case))
            }
        }
    }

    /// What is asked next in some requests; where nothing is, how they stand.
    fn next(&self, conn: &mut Connection, sender: &Sender, requests: &[i64]) -> Served<Reply> {
        self.next_of(conn, sender, requests, requests)
    }

    /// What is asked next in the requests that are open; where nothing is, how the last of all stands.
    fn next_of(&self, conn: &mut Connection, sender: &Sender, open: &[i64], all: &[i64]) -> Served<Reply> {
        for request in open {
            let asked = self.asked(conn, *request)?;
            if let Some(reply) = self.open_point(conn, sender, open, &asked)? {
                return Ok(reply.of_case(asked.case.id));
            }
        }
        self.expect(conn, sender, None)?;
        let last = open.last().or(all.last()).map(|request| self.asked(conn, *request)).transpose()?;
        let Some(asked) = last else { return Ok(Reply::new("help", say(sender.language, replying::HELP, &[]))) };
        let said = match asked.outcome.as_deref() {
            Some("granted") if asked.grants.iter().all(|grant| grant.state != "pending_approval") => replying::GRANTED,
            Some("declined") => replying::DECLINED,
            _ => replying::UNDER_REVIEW,
        };
        Ok(Reply::new("relief", say(sender.language, said, &[&asked.case.number])).of_case(asked.case.id))
    }

    /// What a request waits for from its borrower: a question, papers, a choice, agreement.
    fn open_point(
        &self,
        conn: &mut Connection,
        sender: &Sender,
        requests: &[i64],
        asked: &Asked,
    ) -> Served<Option<Reply>> {
        let (all, request) = (requests.to_vec(), asked.request.id);
        if let Some(grant) = asked.grants.iter().find(|grant| grant.state == "offered") {
            let shown = grant.shown_digest.clone();
            let said = say(sender.language, replying::CONSENT, &[&offered(asked, sender.language), &asked.case.number]);
            self.expect(conn, sender, Some(&Expect::Consent { requests: all, request, shown }))?;
            return Ok(Some(Reply::new("consent", said)));
        }
        let Some(made) = asked.decision.as_ref().filter(|_| asked.request.state != "closed") else { return Ok(None) };
        let decision: Value = serde_json::from_str(&made.body).map_err(ServiceError::unknown)?;
        let claims = decision.get("policies").and_then(Value::as_array).cloned().unwrap_or_default();
        let question = claims.iter().find_map(|claim| claim.get("questions")?.as_array()?.first()?.as_str());
        if let Some(fact) = question {
            let reply = self.ask_fact(conn, sender, all, fact.to_owned())?;
            if asked.request.state != "decided" {
                return Ok(Some(reply));
            }
            // Something is given already, and more may be.
            let some = say(sender.language, replying::SOME, &[]);
            let text = reply.text.map(|question| replying::both(sender.language, &some, &question));
            return Ok(Some(Reply { text, ..reply }));
        }
        if asked.request.state == "decided" {
            return Ok(None);
        }
        let options = decision.get("offers").and_then(Value::as_array).cloned().unwrap_or_default();
        if !options.is_empty() {
            let list = options.iter().enumerate().map(|(at, one)| option(at, one, sender.language));
            let list = list.collect::<Vec<_>>().join(sender.language.of(["；", "; "]));
            let offers = options.iter().filter_map(|one| one.get("offer")?.as_str().map(str::to_owned)).collect();
            self.expect(conn, sender, Some(&Expect::Offer { requests: all, request, offers }))?;
            return Ok(Some(Reply::new("offers", say(sender.language, replying::OFFERS, &[&list]))));
        }
        let wanted = claims.iter().filter(|claim| claim.get("outcome") == Some(&json!("granted")));
        let missing = wanted.filter_map(|claim| claim.get("evidence")?.as_array()).flatten();
        let kind =
            missing.filter(|one| one.get("supplied") == Some(&json!(false))).find_map(|one| one.get("kind")?.as_str());
        match kind {
            Some(kind) if self.relief.statements.iter().any(|known| known == kind) => {
                let kind = kind.to_owned();
                self.expect(conn, sender, Some(&Expect::Statement { requests: all, kind }))?;
                Ok(Some(Reply::new("statement", say(sender.language, replying::STATEMENT, &[]))))
            }
            _ => {
                self.expect(conn, sender, None)?;
                Ok(Some(Reply::new("papers", say(sender.language, replying::PAPERS, &[&asked.case.number]))))
            }
        }
    }

    /// Asks for a fact, in the words of the catalogue, with how to answer.
    fn ask_fact(&self, conn: &mut Connection, sender: &Sender, requests: Vec<i64>, fact: String) -> Served<Reply> {
        let found = FactRef::find(&fact, &self.lender.attributes);
        let Some((of, hint)) = found.and_then(|(own, of)| Some((own, hint(of)?))) else {
            // What cannot be said in a message is asked by a person.
            return self.want_person(conn, sender, None, None);
        };
        let question = match (of.entry().and_then(|entry| entry.ask), of.of.as_deref()) {
            (Some(pair), role) => sender.language.of(pair).replace("{role}", role_name(role, sender.language)),
            (None, name) => {
                let own = name.and_then(|name| self.lender.attributes.get(name));
                own.and_then(|own| own.ask.as_ref()).map(|ask| ask.get(sender.language).to_owned()).unwrap_or_default()
            }
        };
        self.expect(conn, sender, Some(&Expect::Answer { requests, fact }))?;
        let said = replying::both(sender.language, &question, sender.language.of(hint));
        Ok(Reply::new("question", said))
    }
}

/// The place in a list that a number from 1 on means.
fn place(number: i64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

/// How a fact is answered; none where a message cannot carry it.
const fn hint(of: FactType) -> Option<[&'static str; 2]> {
    Some(match of {
        FactType::Bool => ["请回复 是 或 否。", "Reply YES or NO."],
        FactType::Count(_) => ["请回复数字。", "Reply with a number."],
        FactType::Date => ["请回复日期，如 2021-07-20。", "Reply with a date such as 2021-07-20."],
        FactType::Amount => ["请回复金额，如 500。", "Reply with an amount such as 500."],
        FactType::Region | FactType::Designation => {
            ["请回复县（市、区）名称，没有请回复 无。", "Reply with the county, or NONE."]
        }
        FactType::Name(_) | FactType::Rate | FactType::Names(_) | FactType::Severity => return None,
    })
}

fn role_name(role: Option<&str>, language: Language) -> &'static str {
    language.of(match role {
        Some("work") => ["工作单位", "workplace"],
        Some("business") => ["经营场所", "business"],
        Some("property") => ["房产", "property"],
        Some("id_card") => ["身份证住址", "registered address"],
        _ => ["住所", "home"],
    })
}

/// One of several ways to move payments, in a few words.
fn option(at: usize, one: &Value, language: Language) -> String {
    let place = at.saturating_add(1).to_string();
    let cost = one.pointer("/added_cost/amount").and_then(Value::as_str).unwrap_or("0.00").to_owned();
    let first = one.get("first_payment_on").and_then(Value::as_str).unwrap_or("-").to_owned();
    say(language, ["{} 首次还款{}，多付{}", "{} first payment {}, {} more to pay"], &[&place, &first, &cost])
}

/// What is offered, in a few words: what it moves and what that costs.
fn offered(asked: &Asked, language: Language) -> String {
    let own = asked.grants.iter().filter(|grant| grant.state == "offered");
    let (mut later, mut more, mut less) = (0_i64, 0_i64, 0_i64);
    let mut currency = String::new();
    for grant in own {
        later = later.saturating_add(grant.deferred);
        more = more.saturating_add(grant.added_interest);
        less = less.saturating_add(grant.waived).saturating_add(grant.refunded);
        currency.clone_from(&grant.currency);
    }
    let money = |minor: i64| {
        let known = forbear_engine::money::Currency::new(&currency);
        known.map(|known| forbear_engine::money::Money::new(minor, known).to_decimal().to_string()).unwrap_or_default()
    };
    let words = ["延后还款{}，增加利息{}，减免{}", "{} paid later, {} more interest, {} waived"];
    say(language, words, &[&money(later), &money(more), &money(less)])
}
