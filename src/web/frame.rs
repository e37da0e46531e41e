//! The frame round a page: language, who is signed in, where in the house one is; and how figures and days are written.

use std::fmt::Display;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use forbear_engine::explain::Voice;
use forbear_engine::explain::compare::Due;
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;
use forbear_engine::text::{Language, Text};

use super::look::STYLE;
use crate::secret::token;
use crate::service::access::{Principal, Role};

/// What every template knows.
#[derive(Clone)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// Who is signed in.
    pub who: Option<Principal>,
    /// The path of the page.
    pub path: String,
    /// Whether it is for trying out.
    pub demo: bool,
    /// The lender's zone.
    pub zone: Tz,
    /// The lender's civil day.
    pub today: NaiveDate,
    /// The value of the session's cookie, from which forms prove where they come from.
    pub(super) cookie: Option<String>,
}

/// A room of the house, for whoever may enter.
pub struct Room {
    /// Where.
    pub path: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Whether one is in it.
    pub here: bool,
}

/// The rooms of those who work for the lender, and who may enter.
const ROOMS: &[(&str, [&str; 2], &[Role])] = &[
    ("/care", ["灾害预警", "Alerts"], WATCHERS),
    ("/care/channels", ["应急通道", "Channels"], WATCHERS),
    ("/care/cases", ["案件", "Cases"], &[Role::CareAgent, Role::CareLead]),
    ("/care/complaints", ["投诉", "Complaints"], &[Role::CareAgent, Role::CareLead, Role::Auditor]),
    ("/finance", ["财务", "Finance"], &[Role::FinanceReviewer, Role::FinanceApprover, Role::CareLead, Role::Auditor]),
    (
        "/policies",
        ["政策", "Policies"],
        &[
            Role::PolicyAuthor,
            Role::PolicyApprover,
            Role::CareAgent,
            Role::CareLead,
            Role::FinanceReviewer,
            Role::FinanceApprover,
            Role::Auditor,
        ],
    ),
    ("/imports", ["快照导入", "Imports"], &[Role::CareLead, Role::FinanceApprover, Role::Auditor]),
];

/// The room where somebody who works for the lender begins.
#[must_use]
pub(super) fn first_room(who: &Principal) -> Option<&'static str> {
    ROOMS.iter().find(|(.., may)| who.is_any(may)).map(|(path, ..)| *path)
}

/// Who follows what happens outside.
const WATCHERS: &[Role] = &[Role::CareAgent, Role::CareLead, Role::Auditor, Role::Service];

impl Frame {
    /// The style of all pages.
    #[must_use]
    pub const fn style(&self) -> &'static str {
        STYLE
    }

    /// One of two texts.
    #[must_use]
    pub const fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    /// A text in the language of the page.
    #[must_use]
    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.language)
    }

    /// One of two texts, with something in the place of `{}`.
    #[must_use]
    pub fn put(&self, zh: &str, en: &str, what: impl Display) -> String {
        self.say(zh, en).replacen("{}", &what.to_string(), 1)
    }

    /// The same page in the other language.
    #[must_use]
    pub fn other(&self) -> (&'static str, &'static str) {
        match self.language {
            Language::Chinese => ("en", "English"),
            Language::English => ("zh-CN", "中文"),
        }
    }

    /// A fresh proof that a form is of this session's own page.
    #[must_use]
    pub fn proof(&self) -> String {
        self.cookie.as_deref().map(proof).unwrap_or_default()
    }

    /// A fresh key, so that a form that is sent twice is done once.
    #[must_use]
    pub fn key(&self) -> String {
        token::new("").map(|key| key.show().clone()).unwrap_or_default()
    }

    /// Whether somebody is signed in who is any of these.
    #[must_use]
    pub fn is_any(&self, roles: &[Role]) -> bool {
        self.who.as_ref().is_some_and(|who| who.is_any(roles))
    }

    /// Whether the borrower's frame is shown: theirs are the pages under `/relief`.
    #[must_use]
    pub fn is_borrowers(&self) -> bool {
        self.path.starts_with("/relief")
    }

    /// The rooms that whoever is signed in may enter.
    #[must_use]
    pub fn rooms(&self) -> Vec<Room> {
        let say = |zh, en| self.say(zh, en);
        if self.is_borrowers() {
            let mut rooms = vec![("/relief", say("灾害与纾困", "Disasters and relief"))];
            if self.is_any(&[Role::Borrower]) {
                rooms.push(("/relief/loans", say("我的贷款", "My loans")));
                rooms.push(("/relief/messages", say("消息", "Messages")));
            }
            return rooms.into_iter().map(|room| self.room(room)).collect();
        }
        let rooms = ROOMS.iter().filter(|(.., who)| self.is_any(who));
        rooms.map(|(path, [zh, en], _)| self.room((path, say(zh, en)))).collect()
    }

    fn room(&self, (path, title): (&'static str, &'static str)) -> Room {
        let under = |path| self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let here = match path {
            "/relief" => self.path == path,
            // The other rooms of care are under it.
            "/care" => self.path == path || under("/care/drafts") || under("/care/refused"),
            _ => under(path),
        };
        Room { path, title, here }
    }

    /// Who is signed in, as the page names them.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.who {
            Some(who) if who.borrower().is_some() => self.say("借款人", "Borrower"),
            Some(who) => &who.actor.person,
            None => "",
        }
    }

    /// A day, as it is written in figures.
    #[must_use]
    pub fn day(&self, day: &NaiveDate) -> String {
        match self.language {
            Language::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Language::English => day.format("%-d %B %Y").to_string(),
        }
    }

    /// A moment of the store, in the lender's zone.
    #[must_use]
    pub fn moment(&self, at: &NaiveDateTime) -> String {
        let local = DateTime::<chrono::Utc>::from_naive_utc_and_offset(*at, chrono::Utc).with_timezone(&self.zone);
        format!("{} {}", self.day(&local.date_naive()), local.format("%H:%M"))
    }

    /// A moment for machines, RFC 3339.
    #[must_use]
    pub fn stamp(&self, at: &NaiveDateTime) -> String {
        at.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// Money.
    #[must_use]
    pub fn money(&self, money: &Money) -> String {
        static NONE: LazyLock<Attributes> = LazyLock::new(Attributes::default);
        Voice { language: self.language, regions: RegionTree::builtin(), attributes: &NONE }.money(money)
    }

    /// Fees and charges together, but for guarantee fees.
    #[must_use]
    pub fn fees(&self, due: &Due) -> String {
        due.fees.add(&due.charges).map(|sum| self.money(&sum)).unwrap_or_default()
    }

    /// A kind of evidence, as it is asked for.
    #[must_use]
    pub fn evidence<'t>(&self, kind: &'t str) -> std::borrow::Cow<'t, str> {
        let known = match kind {
            "self_statement" => self.say("受灾声明", "Your statement"),
            "income_proof" => self.say("收入证明", "Proof of income"),
            "adverse_impact_statement" => self.say("影响说明", "Statement of how it hit you"),
            "written_agreement" => self.say("书面协议", "Written agreement"),
            "other" => self.say("其他材料", "Other evidence"),
            other => return other.replace('_', " ").into(),
        };
        known.into()
    }

    /// Money, from minor units.
    #[must_use]
    pub fn minor(&self, minor: &i64, currency: &str) -> String {
        Currency::new(currency).map(|known| self.money(&Money::new(*minor, known))).unwrap_or_default()
    }
}

/// A proof of a form: the hash of the cookie and something random, so that it is another each time.
fn proof(cookie: &str) -> String {
    let salt = token::new("").map(|salt| salt.show().clone()).unwrap_or_default();
    format!("{salt}.{}", token::hash(&format!("{salt}.{cookie}")))
}

/// Whether a form's proof is of this cookie.
#[must_use]
pub(super) fn is_proof(given: &str, cookie: &str) -> bool {
    use subtle::ConstantTimeEq;
    let Some((salt, hash)) = given.split_once('.') else { return false };
    !salt.is_empty() && bool::from(token::hash(&format!("{salt}.{cookie}")).as_bytes().ct_eq(hash.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_of_one_session() {
        let first = proof("a-cookie");
        assert!(is_proof(&first, "a-cookie") && first != proof("a-cookie"));
        for wrong in ["", ".", "x.y", &proof("another"), first.trim_end_matches(|c: char| c.is_ascii_hexdigit())] {
            assert!(!is_proof(wrong, "a-cookie"), "{wrong}");
        }
    }
}
