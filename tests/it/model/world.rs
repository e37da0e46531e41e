//! The policies, the disaster and the loans of a sequence, and what the core system would report of the loans.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use forbear::clock::Clock;
use forbear::service::relief::budget::NewBudget;
use forbear::service::{Conn, Lender, Served, Service};
use forbear::store::Store;
use forbear::store::grant::GrantRow;
use forbear_engine::account::Account;
use forbear_engine::declaration::Declaration;
use forbear_engine::money::{Amount, Currency};

use super::ledger::Ledger;
use crate::databases::{Database, copy_of};
use crate::service::desk::{account, actor, at, file, put_in_force};

/// The day on which every sequence begins.
const FIRST_DAY: &str = "2021-07-29";
const POLICIES: [&str; 4] = ["fees", "penalty", "later", "maturity"];

/// A database that sequences begin from. The service over it has compiled the policies already.
pub struct Template<'a> {
    database: &'a Database,
    _copy: Database,
    service: Service,
    loans: Vec<Loan>,
    declaration: Declaration,
    budget: i64,
}

/// A loan, as the core system has it.
#[derive(Clone)]
pub struct Loan {
    pub number: String,
    pub parties: Vec<String>,
    pub report: Account,
    /// Late fees that came since, for their names.
    pub fees: u32,
}

/// A sequence under way.
pub struct World {
    pub service: Service,
    pub loans: Vec<Loan>,
    pub declaration: Declaration,
    pub open: bool,
    pub today: NaiveDate,
    /// The budget for late fees, with what it holds.
    pub budget: (i64, i64),
    pub ledger: Ledger,
    /// What grants were decided on: the snapshot of their account and the declaration, with whether it was open.
    pub decided_on: BTreeMap<i64, Stamp>,
    pub requests: Vec<i64>,
    /// The numbers of the loans, by id.
    pub numbers: BTreeMap<i64, String>,
    /// Grants as they stood after the last step.
    pub grants: Vec<GrantRow>,
    _database: Database,
}

/// What an agreement is bound to besides what was shown.
pub type Stamp = (String, String, bool);

/// What the late fees may cost in all, in cents.
const BUDGET: i64 = 15_000;

impl<'a> Template<'a> {
    pub fn make(database: &'a Database) -> Self {
        let service = over(&database.url);
        for policy in POLICIES {
            put_in_force(&service, &file(&format!("tests/fixtures/model/{policy}.json")));
        }
        let declaration: Declaration = serde_json::from_str(&file("declarations/cn-henan-2021-07.json")).unwrap();
        let declaration = Declaration { amendments: Vec::new(), ..declaration };
        service.store.write(|conn| service.declare(conn, &actor("lead"), &declaration)).unwrap();
        let loans = vec![
            loan("A-1", &["P-1"], "cash_loan", "CNY"),
            loan("A-2", &["P-1", "P-2"], "cash_loan", "CNY"),
            loan("B-1", &["P-2"], "consumer", "CNY"),
            loan("C-1", &["P-3"], "mortgage", "USD"),
        ];
        for loan in &loans {
            service.take_snapshot(&loan.report).unwrap();
        }
        let new = NewBudget {
            declaration: None,
            policy: Some("model-fees".to_owned()),
            bearer: None,
            currency: "CNY".to_owned(),
            amount: BUDGET,
        };
        let budget = service.store.write(|conn| service.make_budget(conn, &actor("finance"), &new)).unwrap();
        let budget = budget.row.id;
        // Closed, so that it can be copied. What one service compiled serves all sequences.
        drop(service);
        let copy = copy_of(database);
        let service = over(&copy.url);
        service.store.write(|conn| service.give_relief(conn, &actor("lead"), "A-1").map(|_| ())).unwrap();
        Self { database, _copy: copy, service, loans, declaration, budget }
    }
}

fn over(url: &str) -> Service {
    let clock = Clock::standing(chrono_tz::Asia::Shanghai, at(&format!("{FIRST_DAY}T02:00:00Z")));
    Service::new(Store::open(url, 2).unwrap(), clock, Lender::default())
}

/// A loan like the sample's: rows 4 and 5 overdue, late fees of 30.00 and 35.00, of which 10.00 was paid, and penalty
/// interest of 0.50 a day.
fn loan(number: &str, parties: &[&str], product: &str, currency: &str) -> Loan {
    let mut report = account("samples/account-zhengzhou.json");
    report.account = number.to_owned();
    report.product = Some(product.to_owned());
    report.currency = Currency::new(currency).unwrap();
    let kept = ["late-r4", "late-r5", "penalty-r4"];
    report.charges.as_mut().unwrap().retain(|charge| kept.contains(&charge.id.as_str()));
    let first = report.parties.take().unwrap().remove(0);
    let named = parties.iter().map(|party| {
        let mut named = first.clone();
        named.party = (*party).to_owned();
        named
    });
    report.parties = Some(named.collect());
    Loan {
        number: number.to_owned(),
        parties: parties.iter().map(|party| (*party).to_owned()).collect(),
        report,
        fees: 0,
    }
}

impl Loan {
    pub fn owed_by(&self, party: &str) -> bool {
        self.parties.iter().any(|own| own == party)
    }

    /// The loan as it is on a day: penalty interest went on, and perhaps another late fee came.
    pub fn on(&mut self, day: NaiveDate, late_fee: bool) {
        self.report.as_of = day;
        let charges = self.report.charges.as_mut().unwrap();
        let penalty = charges.iter_mut().find(|charge| charge.id == "penalty-r4").unwrap();
        let accrual = penalty.accrual.as_mut().unwrap();
        accrual.until = day;
        let days = day.signed_duration_since(accrual.from).num_days() + 1;
        penalty.amount = cents(days * 50);
        if late_fee {
            let mut fee = charges.iter().find(|charge| charge.id == "late-r4").unwrap().clone();
            self.fees += 1;
            fee.id = format!("late-more-{}", self.fees);
            fee.assessed_on = Some(day);
            fee.amount = cents(1_000);
            fee.waived = None;
            charges.push(fee);
        }
    }

    /// The loan as it is when an instruction that waives is done: the core system says so in its next report.
    pub fn contain(&mut self, instruction: &str, waived: &[(String, i64)]) {
        self.report.contains.push(instruction.to_owned());
        for (id, amount) in waived {
            let charge = self.report.charges.iter_mut().flatten().find(|charge| charge.id == *id).unwrap();
            let before = charge.waived.as_ref().map_or(0, in_cents);
            charge.waived = Some(cents(before + amount));
        }
    }

    /// The loan as it would be reported if the core system had taken no instruction yet.
    pub fn contain_nothing(&mut self) {
        self.report.contains.clear();
        self.report.charges.iter_mut().flatten().for_each(|charge| charge.waived = None);
    }

    /// What there is of a charge in all, in cents.
    pub fn charge(&self, id: &str) -> i64 {
        let charge = self.report.charges.iter().flatten().find(|charge| charge.id == id);
        charge.map_or(0, |charge| in_cents(&charge.amount))
    }

    /// Late fees in all, in cents.
    pub fn late_fees(&self) -> i64 {
        let charges = self.report.charges.iter().flatten();
        charges.filter(|charge| charge.id.starts_with("late-")).map(|charge| in_cents(&charge.amount)).sum()
    }

    /// Penalty interest from 17 July to the last day reported, not after 30 September: 0.50 a day.
    pub fn penalty_in_window(&self) -> i64 {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let last = self.report.as_of.min(day("2021-09-30"));
        (last.signed_duration_since(day("2021-07-17")).num_days() + 1) * 50
    }
}

fn cents(cents: i64) -> Amount {
    Amount(format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap())
}

fn in_cents(amount: &Amount) -> i64 {
    amount.0.to_string().replace('.', "").parse().unwrap()
}

impl World {
    /// A world of its own, like the template.
    pub fn like(template: &Template<'_>) -> Self {
        let database = copy_of(template.database);
        let mut service = template.service.clone();
        service.store = Store::open(&database.url, 1).unwrap();
        service.clock = Clock::standing(chrono_tz::Asia::Shanghai, at(&format!("{FIRST_DAY}T02:00:00Z")));
        let id = |loan: &Loan| {
            let row = service.store.read(|conn| forbear::store::account::find(conn, &loan.number)).unwrap();
            (row.unwrap().id, loan.number.clone())
        };
        let numbers = template.loans.iter().map(id).collect();
        Self {
            service,
            loans: template.loans.clone(),
            declaration: template.declaration.clone(),
            open: true,
            today: FIRST_DAY.parse().unwrap(),
            budget: (template.budget, BUDGET),
            ledger: Ledger::default(),
            decided_on: BTreeMap::new(),
            requests: Vec::new(),
            numbers,
            grants: Vec::new(),
            _database: database,
        }
    }

    /// One transaction.
    pub fn write<T>(&self, work: impl FnMut(&mut Conn) -> Served<T>) -> Served<T> {
        self.service.store.write(work)
    }

    pub fn pass(&mut self, days: u64) {
        self.today = self.today + Days::new(days);
        self.service.clock.set(at(&format!("{}T02:00:00Z", self.today)));
    }

    pub fn loan_of(&self, grant: &GrantRow) -> Option<&Loan> {
        let number = self.numbers.get(&grant.account_id)?;
        self.loans.iter().find(|loan| loan.number == *number)
    }

    /// What a grant would be bound to if it were made now.
    pub fn stamp(&self, account: i64) -> Served<Stamp> {
        let (snapshot, declaration) = self.service.store.read(|conn| {
            let own = forbear::store::account::get(conn, account)?.map(|row| row.snapshot);
            let declared = forbear::store::declaration::find(conn, &self.declaration.declaration)?;
            Ok::<_, forbear::service::ServiceError>((own, declared.map(|row| row.digest)))
        })?;
        Ok((snapshot.unwrap_or_default(), declaration.unwrap_or_default(), self.open))
    }
}
