//! `forbear serve --demo`: sample people, loans, a disaster of these days, and requests in every state, so that every
//! role has something to do. Everything about it is invented.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use forbear_engine::account::Account;
use forbear_engine::account::snapshot::{ChargeKind, Party, Status};
use forbear_engine::declaration::Declaration;
use forbear_engine::text::Text;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use crate::config::Config;
use crate::core_system::person::{Person, Reported};
use crate::core_system::sample::{Country, SampleSpec};
use crate::secret::{Hidden, token};
use crate::service::access::Role;
use crate::service::access::session::SignedIn;
use crate::service::access::settings::HandOffKey;
use crate::service::audit::Actor;
use crate::service::care::reading::Trust;
use crate::service::care::taking::Origin;
use crate::service::relief::ask::{NewRequest, Said};
use crate::service::relief::budget::NewBudget;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Store, account};

/// The password of everybody.
const PASSWORD: &str = "forbear-demo-only";

/// A second care lead: two people open a channel of the gravest levels.
const SECOND_LEAD: &str = "second_care_lead";

/// The disaster's slug.
const DISASTER: &str = "demo-flood";

/// Loans in the book.
const LOANS: u64 = 240;

/// How many of them have asked.
const ASKED: usize = 40;

/// How many of these were charged for being late since the disaster began, at most.
const CHARGED: usize = 12;

/// How long ago the disaster began, and was declared.
const BEGAN: Days = Days::new(20);
const DECLARED: Days = Days::new(15);

/// Where one-time codes are written: beside an SQLite database, else where the program begins.
pub(super) fn codes(config: &Config) -> PathBuf {
    let beside = config.database.strip_prefix("sqlite:").unwrap_or("forbear");
    Path::new(beside).with_extension("codes.txt")
}

/// Lets messages go to a file beside the codes, where nothing else is set.
pub(super) fn tell_into_a_file(config: &mut Config) {
    let path = codes(config).with_extension("").with_extension("messages.jsonl");
    let set = &mut config.outreach;
    if set.gateway.is_none() && set.mail.is_none() && set.file.is_none() {
        set.file = Some(path);
    }
    if set.lender == Text::default() {
        set.lender = Text::both("演示银行", "Demo Bank");
    }
}

/// Everybody knows the password, so that nobody else may reach it.
///
/// # Errors
/// It listens where other machines reach it.
pub(super) fn check(listen: SocketAddr) -> anyhow::Result<()> {
    ensure!(
        listen.ip().is_loopback(),
        "--demo has passwords that everybody knows: it listens on 127.0.0.1 or [::1] alone, not on {listen}"
    );
    Ok(())
}

/// The lender's app, which sends the sample borrower in.
pub(super) struct App(Hidden<Vec<u8>>);

impl App {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(Hidden::new(token::new("")?.show().clone().into_bytes())))
    }

    /// What it shares with Forbear.
    pub(super) fn key(&self) -> anyhow::Result<HandOffKey> {
        Ok(HandOffKey::new(self.0.clone())?)
    }

    /// Signs somebody in by name, as they would themselves.
    pub(super) fn enter(&self, service: &Service, name: &str) -> Served<Option<SignedIn>> {
        if name != Role::Borrower.name() {
            return service.sign_in(name, &Hidden::text(PASSWORD));
        }
        let book = book(service.clock.today());
        let party = borrower(&book, began(service.clock.today())).map(|person| person.party.clone());
        let claims = json!({"sub": party, "iat": service.clock.now().and_utc().timestamp(), "aud": "forbear", "jti": token::new("")?.show()});
        let key = EncodingKey::from_secret(self.0.show());
        let signed = encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(ServiceError::unknown)?;
        service.hand_off(&signed)
    }
}

/// Whether everything may be taken away: there are no loans but the sample's.
///
/// # Errors
/// There are more.
pub(super) fn may_wipe(service: &Service) -> Served<()> {
    let count = service.store.read(account::count)?;
    if u64::try_from(count).is_ok_and(|count| count <= LOANS) {
        return Ok(());
    }
    let message = "there are more loans in the database than the sample has: it is not taken away";
    Err(ServiceError::conflict("not_only_samples", message))
}

/// Takes away everything, for a demonstration that begins anew.
///
/// # Errors
/// It cannot be taken away.
pub(super) fn wipe(config: &Config) -> anyhow::Result<()> {
    Store::wipe(&config.database).context("the database cannot be emptied")
}

/// Puts in what is not there yet; says how to sign in.
///
/// # Errors
/// The database does not answer, or is in use for something else.
pub(super) fn prepare(service: &Service, codes: &Path) -> anyhow::Result<String> {
    let password = Hidden::text(PASSWORD);
    let staff: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !matches!(role, Role::Borrower | Role::Service)).collect();
    for role in &staff {
        service.ensure_user(role.name(), role.name(), &[*role], &password)?;
    }
    service.ensure_user(SECOND_LEAD, SECOND_LEAD, &[Role::CareLead], &password)?;
    let book = book(service.clock.today());
    match service.declaration(DISASTER) {
        Ok(_) => {}
        Err(ServiceError::Missing(_)) => fill(service, &book)?,
        Err(error) => return Err(error.into()),
    }
    let borrower = borrower(&book, began(service.clock.today())).context("the book has no borrower who could ask")?;
    let phone = borrower.phone.as_ref().map(|phone| phone.show().as_str()).unwrap_or_default();
    let mut names: Vec<&str> = staff.iter().map(|role| role.name()).collect();
    names.push(SECOND_LEAD);
    Ok(format!(
        "For trying out only: invented people, a simulated core system, passwords that everybody knows.\n\
         Sign in as one of {}\nwith the password {PASSWORD}, or as the borrower with the phone {phone}: codes are written to {}",
        names.join(", "),
        codes.display()
    ))
}

/// The loans, six in ten around the disaster, each with its people.
fn book(today: NaiveDate) -> Vec<Reported> {
    let around = vec!["CN-430600".to_owned()];
    let spec = SampleSpec { seed: 20_240_616, size: LOANS, country: Country::Cn, as_of: today, around };
    let people = |loan: &Account| loan.parties.iter().flatten().cloned().collect::<Vec<Party>>();
    // Who stands in the book twice has one phone.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Reported> = Vec::new();
    for account in spec.accounts() {
        let persons = people(&account).into_iter().map(|party| {
            let next = numbers.len().saturating_add(1);
            person(&party, *numbers.entry(party.party.clone()).or_insert(next))
        });
        let persons = persons.collect();
        all.push(Reported { account, persons });
    }
    all
}

/// Whether a loan is repaid by somebody in the disaster's areas.
fn is_hit(loan: &Account) -> bool {
    let parties = loan.parties.iter().flatten();
    let mut addresses = parties.flat_map(|party| party.addresses.iter().flatten());
    loan.status == Some(Status::Active) && addresses.any(|address| address.region.starts_with("CN-4306"))
}

/// Whether somebody hit was charged for being late since the disaster began, so that there is something to waive.
fn is_charged(loan: &Account, began: NaiveDate) -> bool {
    let for_being_late = [ChargeKind::LateFee, ChargeKind::PenaltyInterest, ChargeKind::CompoundInterest];
    let mut charges = loan.charges.iter().flatten().filter(|charge| for_being_late.contains(&charge.kind));
    is_hit(loan)
        && charges.any(|charge| {
            let last = charge.accrual.as_ref().map(|accrual| accrual.until);
            charge.assessed_on.max(last).is_some_and(|day| day >= began)
        })
}

/// Those who have asked, each once; first some who were charged something meanwhile.
fn asked(book: &[Reported], began: NaiveDate) -> Vec<&str> {
    let of = |charged: bool| book.iter().filter(move |loan| is_charged(&loan.account, began) == charged);
    let mut asked: Vec<&str> = Vec::new();
    for loan in of(true).take(CHARGED).chain(of(false)) {
        let number = loan.account.account.as_str();
        if asked.len() < ASKED && !asked.contains(&number) {
            asked.push(number);
        }
    }
    asked
}

/// Whom a visitor becomes: somebody hit who has not asked yet, and was charged something meanwhile.
fn borrower(book: &[Reported], began: NaiveDate) -> Option<&Person> {
    let asked = asked(book, began);
    let may_ask = |loan: &&Reported| is_hit(&loan.account) && !asked.contains(&loan.account.account.as_str());
    let mut all = book.iter().filter(may_ask);
    let charged = all.clone().find(|loan| is_charged(&loan.account, began));
    charged.or_else(|| all.next())?.persons.first()
}

/// An invented person. No phone in China begins with 100.
fn person(party: &Party, number: usize) -> Person {
    const NAMES: [&str; 12] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫"];
    const GIVEN: [&str; 9] = ["晓明", "建国", "芳", "丽华", "伟", "小红", "志强", "秀英", "磊"];
    let of = |list: &[&str]| list.get(number.checked_rem(list.len()).unwrap_or(0)).map_or("", |name| *name).to_owned();
    Person {
        party: party.party.clone(),
        name: Some(Hidden::new(of(&NAMES) + &of(&GIVEN))),
        phone: Some(Hidden::new(format!("100{number:08}"))),
        id_number: None,
        language: Some("zh-CN".to_owned()),
    }
}

/// When the disaster began.
fn began(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(BEGAN).unwrap_or(today)
}

fn disaster(today: NaiveDate) -> anyhow::Result<Declaration> {
    let (began, declared) = (began(today), today.checked_sub_days(DECLARED));
    Ok(serde_json::from_value(json!({
        "declaration": DISASTER, "event": DISASTER, "kind": "flood", "severity": "III",
        "title": {"zh-CN": "洞庭湖洪涝（演示，虚构）", "en": "Floods around Dongting Lake (demo)"},
        "declared_on": declared, "incident": {"start": began},
        "areas": [
            {"region": "CN-430623", "designation": "severe"}, {"region": "CN-430626", "designation": "severe"},
            {"region": "CN-430600", "designation": "affected"}, {"region": "CN-430900", "designation": "adjacent"},
        ],
    }))?)
}

/// A warning of this hour, so that care has a draft to look at.
fn warning(service: &Service) -> anyhow::Result<()> {
    let now = service.clock.now();
    let said = |at: NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let ends = now.checked_add_signed(TimeDelta::hours(12)).unwrap_or(now);
    let text = include_str!("../../../samples/alert-zhengzhou.cap");
    let text = text.replace("SENT", &said(now)).replace("EXPIRES", &said(ends));
    let text = text.replace("410100000000", "430600000000").replace("郑州", "岳阳");
    // Roughly around Yueyang, so that there is something on the map.
    let outline = "</areaDesc><polygon>29.7,112.6 29.8,113.5 29.2,114.1 28.5,113.9 28.6,112.7 29.7,112.6</polygon>";
    let text = text.replace("</areaDesc>", outline);
    let origin = Origin { actor: &Actor::system(), via: "demo" };
    service.take_file(&origin, text.as_bytes(), &Trust::default())?;
    Ok(())
}

/// Loans, disaster, budget, and some requests of each kind.
fn fill(service: &Service, book: &[Reported]) -> anyhow::Result<()> {
    for loan in book {
        service.take_report(loan)?;
    }
    warning(service)?;
    let by = |role: Role| Actor { id: format!("demo_{}", role.name()), person: role.name().to_owned() };
    let disaster = disaster(service.clock.today())?;
    service.store.write(|conn| service.declare(conn, &by(Role::CareLead), &disaster))?;
    let budget = NewBudget {
        declaration: Some(DISASTER.to_owned()),
        policy: None,
        bearer: None,
        currency: "CNY".to_owned(),
        amount: 5_000_000,
    };
    service.store.write(|conn| service.make_budget(conn, &by(Role::FinanceApprover), &budget))?;
    for (at, number) in (1..).zip(asked(book, began(service.clock.today()))) {
        let said = match at % 4 {
            // They have not been asked anything yet.
            0 => Said::default(),
            of => Said {
                answers: [
                    ("request.hardship".to_owned(), json!(true)),
                    ("request.income_lost".to_owned(), json!(of == 1)),
                ]
                .into(),
                evidence: vec!["self_statement".to_owned()],
                ..Said::default()
            },
        };
        let request = NewRequest {
            account: number.to_owned(),
            declaration: Some(DISASTER.to_owned()),
            via: Some("hotline".to_owned()),
            said,
        };
        service.store.write(|conn| service.ask(conn, &by(Role::CareAgent), &request))?;
    }
    Ok(())
}
