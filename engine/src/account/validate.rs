//! What makes an account impossible, whatever the core system: such an account is refused, not decided on.
//!
//! What is merely missing is no problem here; deciding refers it when it matters.

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::read::AccountProblem;
use super::snapshot::{
    Account, Accrual, Address, Charge, Frequency, FunderShare, Instalment, Payment, ScheduleVersion,
};
use crate::money::{Amount, Currency};
use crate::rate::{DayCount, Rate};

/// Instalments in one schedule version, at most: a hundred years of months.
pub const MOST_INSTALMENTS: usize = 1_200;
/// Schedule versions, at most.
pub const MOST_VERSIONS: usize = 1_000;
/// Charges, payments, allocations of a payment, reports, at most of each.
pub const MOST_ROWS: usize = 10_000;
/// Parties, addresses of a party, funders, at most of each.
pub const MOST_PARTIES: usize = 1_000;
/// Problems told of one account, at most.
const MOST_PROBLEMS: usize = 100;
/// Letters in an id, at most.
pub(super) const LONGEST_ID: usize = 200;

impl Account {
    /// All that is wrong with the account, in the order of its parts; at most a hundred problems. Empty is right.
    #[must_use]
    pub fn validate(&self) -> Vec<AccountProblem> {
        let mut check = Check { currency: self.currency, problems: Vec::new() };
        check.id(|| "/account".into(), &self.account);
        check.date(|| "/as_of".into(), self.as_of);
        check.terms(self);
        check.history(self);
        check.schedules(self.schedules.as_deref().unwrap_or_default());
        check.payments(self.payments.as_deref().unwrap_or_default());
        check.charges(self.charges.as_deref().unwrap_or_default());
        check.parties(self);
        check.funders(self.funders.as_deref().unwrap_or_default());
        check.names("agreements", self.agreements.as_deref().unwrap_or_default());
        check.names("arrangements", self.arrangements.as_deref().unwrap_or_default());
        check.names("contains", &self.contains);
        check.count("/attributes", self.attributes.len(), MOST_PARTIES);
        check.problems
    }
}

struct Check {
    currency: Currency,
    problems: Vec<AccountProblem>,
}

impl Check {
    fn say(&mut self, pointer: String, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(AccountProblem { pointer, message: message.into() });
        }
    }

    fn count(&mut self, pointer: &str, count: usize, most: usize) {
        if count > most {
            self.say(pointer.to_owned(), format!("{count} entries: at most {most} are read"));
        }
    }

    fn id(&mut self, at: impl Fn() -> String, id: &str) {
        if id.trim().is_empty() {
            self.say(at(), "is empty: give the lender's own number");
        } else if id.trim() != id || id.chars().any(char::is_control) {
            self.say(at(), format!("{id:?} has spaces around it or control characters: write the bare number"));
        } else if id.len() > LONGEST_ID {
            self.say(at(), format!("is longer than {LONGEST_ID} bytes: give the lender's own number"));
        }
    }

    /// An id that must be the only one of its kind; `seen` holds those before it.
    fn unique<'a>(&mut self, at: impl Fn() -> String, id: &'a str, seen: &mut HashSet<&'a str>) {
        self.id(&at, id);
        if !seen.insert(id) {
            self.say(at(), format!("`{id}` is there twice: every id in this list must be different"));
        }
    }

    fn names(&mut self, list: &str, names: &[String]) {
        self.count(&format!("/{list}"), names.len(), MOST_ROWS);
        let mut seen = HashSet::new();
        for (n, name) in names.iter().enumerate().take(MOST_ROWS) {
            self.unique(|| format!("/{list}/{n}"), name, &mut seen);
        }
    }

    fn date(&mut self, at: impl Fn() -> String, day: NaiveDate) {
        let year = chrono::Datelike::year(&day);
        if !(1900..=2200).contains(&year) {
            self.say(at(), format!("{day} is not between the years 1900 and 2200: leave out a date that is not known"));
        }
    }

    fn dates(&mut self, at: impl Fn(&str) -> String, days: &[(&str, Option<NaiveDate>)]) {
        for (key, day) in days {
            if let Some(day) = day {
                self.date(|| at(key), *day);
            }
        }
    }

    fn order(&mut self, at: impl Fn() -> String, from: Option<NaiveDate>, until: Option<NaiveDate>) {
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            self.say(at(), format!("{until} is before the first day, {from}: the last day is on or after it"));
        }
    }

    /// A sum of the account's currency; what is wrong counts as nothing in what follows.
    fn amount(&mut self, at: impl Fn() -> String, amount: &Amount) -> Decimal {
        if let Err(error) = amount.in_currency(self.currency) {
            self.say(at(), error.to_string());
            return Decimal::ZERO;
        }
        if amount.0.is_sign_negative() && !amount.0.is_zero() {
            self.say(at(), format!("{} is negative: every amount is zero or more", amount.0));
            return Decimal::ZERO;
        }
        amount.0
    }

    fn rate(&mut self, at: impl Fn() -> String, rate: Rate) {
        if rate.0 > Decimal::TEN {
            let percent = (rate.0 / Decimal::ONE_HUNDRED).normalize();
            self.say(at(), format!("{rate} is more than 1,000 % a year: {rate} percent is written \"{percent}\""));
        }
    }

    fn terms(&mut self, account: &Account) {
        let terms = &account.terms;
        let at = |key: &str| format!("/terms/{key}");
        for (key, amount) in [("principal", &terms.principal), ("upfront_fee", &terms.upfront_fee)] {
            if let Some(amount) = amount {
                self.amount(|| at(key), amount);
            }
        }
        if let Some(rate) = terms.rate {
            self.rate(|| at("rate"), rate);
        }
        if let Some(Frequency::Months(0) | Frequency::Days(0)) = terms.every {
            self.say(at("every"), "is 0: instalments lie at least one month or day apart");
        }
        self.dates(at, &[("disbursed_on", terms.disbursed_on), ("cooling_off_ends_on", terms.cooling_off_ends_on)]);
    }

    fn history(&mut self, account: &Account) {
        let history = account.status_history.as_deref().unwrap_or_default();
        self.count("/status_history", history.len(), MOST_ROWS);
        let mut before = None;
        for (n, status) in history.iter().enumerate().take(MOST_ROWS) {
            let at = || format!("/status_history/{n}/from");
            self.date(at, status.from);
            if before.is_some_and(|before| status.from < before) {
                self.say(at(), format!("{} is before the status above it: list them oldest first", status.from));
            }
            before = Some(status.from);
        }
        let reports = account.credit_reports.as_deref().unwrap_or_default();
        self.count("/credit_reports", reports.len(), MOST_ROWS);
        for (n, report) in reports.iter().enumerate().take(MOST_ROWS) {
            self.date(|| format!("/credit_reports/{n}/sent_on"), report.sent_on);
        }
    }

    fn schedules(&mut self, schedules: &[ScheduleVersion]) {
        self.count("/schedules", schedules.len(), MOST_VERSIONS);
        let mut before: Option<&ScheduleVersion> = None;
        for (n, schedule) in schedules.iter().enumerate().take(MOST_VERSIONS) {
            let at = |key: &str| format!("/schedules/{n}/{key}");
            self.date(|| at("known_from"), schedule.known_from);
            if schedule.version == 0 {
                self.say(at("version"), "is 0: versions count from 1");
            }
            if before.is_some_and(|before| schedule.version <= before.version) {
                self.say(at("version"), format!("{} does not rise: list versions oldest first", schedule.version));
            }
            if before.is_some_and(|before| schedule.known_from < before.known_from) {
                let message = format!("{} is before the version above was known", schedule.known_from);
                self.say(at("known_from"), format!("{message}: a later version is known on the same day or later"));
            }
            self.rows(n, &schedule.rows);
            before = Some(schedule);
        }
    }

    fn rows(&mut self, version: usize, rows: &[Instalment]) {
        self.count(&format!("/schedules/{version}/rows"), rows.len(), MOST_INSTALMENTS);
        let mut seen = HashSet::with_capacity(rows.len());
        let mut before = None;
        for (n, row) in rows.iter().enumerate().take(MOST_INSTALMENTS) {
            let at = |key: &str| format!("/schedules/{version}/rows/{n}/{key}");
            self.unique(|| at("id"), &row.id, &mut seen);
            self.dates(at, &[("due_on", Some(row.due_on)), ("paid_on", row.paid_on)]);
            if before.is_some_and(|before| row.due_on < before) {
                self.say(at("due_on"), format!("{} is before the row above it: list rows by due date", row.due_on));
            }
            before = Some(row.due_on);
            let fees = row.fees.unwrap_or(Amount(Decimal::ZERO));
            let paid = row.paid.clone().unwrap_or_default();
            let parts = [
                ("principal", row.principal, paid.principal),
                ("interest", row.interest, paid.interest),
                ("fees", fees, paid.fees),
            ];
            for (key, due, paid) in parts {
                let due = self.amount(|| at(key), &due);
                if let Some(paid) = paid {
                    let paid = self.amount(|| at(&format!("paid/{key}")), &paid);
                    self.within(|| at(&format!("paid/{key}")), "paid", paid, due);
                }
            }
        }
    }

    fn within(&mut self, at: impl Fn() -> String, what: &str, part: Decimal, whole: Decimal) {
        if part > whole {
            self.say(at(), format!("{part} {what} is more than the {whole} there is: report the part at most"));
        }
    }

    fn payments(&mut self, payments: &[Payment]) {
        self.count("/payments", payments.len(), MOST_ROWS);
        let mut seen = HashSet::with_capacity(payments.len());
        for (n, payment) in payments.iter().enumerate().take(MOST_ROWS) {
            self.unique(|| format!("/payments/{n}/id"), &payment.id, &mut seen);
            self.date(|| format!("/payments/{n}/on"), payment.on);
            let amount = self.amount(|| format!("/payments/{n}/amount"), &payment.amount);
            let parts = payment.to.as_deref().unwrap_or_default();
            self.count(&format!("/payments/{n}/to"), parts.len(), MOST_ROWS);
            let mut sum = Decimal::ZERO;
            for (m, part) in parts.iter().enumerate().take(MOST_ROWS) {
                let at = |key: &str| format!("/payments/{n}/to/{m}{key}");
                if part.instalment.is_some() == part.charge.is_some() {
                    self.say(at(""), "names an instalment and a charge, or neither: name the one that it paid");
                }
                sum = sum.saturating_add(self.amount(|| at("/amount"), &part.amount));
            }
            self.within(|| format!("/payments/{n}/to"), "allocated", sum, amount);
        }
    }

    fn charges(&mut self, charges: &[Charge]) {
        self.count("/charges", charges.len(), MOST_ROWS);
        let mut seen = HashSet::with_capacity(charges.len());
        for (n, charge) in charges.iter().enumerate().take(MOST_ROWS) {
            let at = |key: &str| format!("/charges/{n}/{key}");
            self.unique(|| at("id"), &charge.id, &mut seen);
            let amount = self.amount(|| at("amount"), &charge.amount);
            let mut settled = Decimal::ZERO;
            for (key, part) in [("paid", &charge.paid), ("waived", &charge.waived)] {
                if let Some(part) = part {
                    settled = settled.saturating_add(self.amount(|| at(key), part));
                }
            }
            let key = if charge.paid.is_some() { "paid" } else { "waived" };
            self.within(|| at(key), "paid and waived", settled, amount);
            self.dates(at, &[("assessed_on", charge.assessed_on), ("due_on", charge.due_on)]);
            if let Some(accrual) = &charge.accrual {
                self.accrual(n, accrual);
            }
        }
    }

    fn accrual(&mut self, charge: usize, accrual: &Accrual) {
        let at = |key: &str| format!("/charges/{charge}/accrual/{key}");
        self.dates(at, &[("from", Some(accrual.from)), ("until", Some(accrual.until))]);
        self.order(|| at("until"), Some(accrual.from), Some(accrual.until));
        if let Some(basis) = &accrual.basis {
            self.amount(|| at("basis"), basis);
        }
        if let Some(rate) = accrual.rate {
            self.rate(|| at("rate"), rate);
        }
        if matches!(accrual.day_count, Some(DayCount::Month12 | DayCount::Thirty360)) {
            self.say(at("day_count"), "a charge accrues by actual days: use ACT/360 or ACT/365");
        }
    }

    fn parties(&mut self, account: &Account) {
        let parties = account.parties.as_deref().unwrap_or_default();
        self.count("/parties", parties.len(), MOST_PARTIES);
        let mut seen = HashSet::new();
        for (n, party) in parties.iter().enumerate().take(MOST_PARTIES) {
            self.unique(|| format!("/parties/{n}/party"), &party.party, &mut seen);
            let addresses = party.addresses.as_deref().unwrap_or_default();
            self.count(&format!("/parties/{n}/addresses"), addresses.len(), MOST_PARTIES);
            for (m, address) in addresses.iter().enumerate().take(MOST_PARTIES) {
                self.address(|key| format!("/parties/{n}/addresses/{m}/{key}"), address);
            }
        }
    }

    fn address(&mut self, at: impl Fn(&str) -> String, address: &Address) {
        for (key, text) in [("role", &address.role), ("region", &address.region)] {
            self.id(|| at(key), text);
        }
        self.dates(&at, &[("valid_from", address.valid_from), ("valid_until", address.valid_until)]);
        self.order(|| at("valid_until"), address.valid_from, address.valid_until);
    }

    fn funders(&mut self, funders: &[FunderShare]) {
        self.count("/funders", funders.len(), MOST_PARTIES);
        let (mut seen, mut sum) = (HashSet::new(), Decimal::ZERO);
        for (n, funder) in funders.iter().enumerate().take(MOST_PARTIES) {
            self.unique(|| format!("/funders/{n}/party"), &funder.party, &mut seen);
            sum = sum.saturating_add(funder.share.0);
        }
        if sum > Decimal::ONE {
            self.say("/funders".into(), format!("the shares sum to {sum}: together they are 1 at most"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An account with the given keys beside the required ones.
    fn problems(keys: &str) -> Vec<String> {
        let text = format!(r#"{{"account":"A1","as_of":"2021-07-31","currency":"CNY",{keys}}}"#);
        let account: Account = serde_json::from_str(&text).unwrap();
        account.validate().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_impossibility_is_named_once() {
        let row = |id: &str, due: &str, more: &str| {
            format!(r#"{{"id":"{id}","due_on":"{due}","principal":"100","interest":"1"{more}}}"#)
        };
        let version =
            |n: u32, from: &str, rows: &str| format!(r#"{{"version":{n},"known_from":"{from}","rows":[{rows}]}}"#);
        let charge = |more: &str| format!(r#""charges":[{{"id":"c1","kind":"late_fee","amount":"10"{more}}}]"#);
        let one = row("1", "2021-08-01", "");
        let cases = [
            (
                format!(r#""schedules":[{}]"#, version(1, "2021-01-01", &format!("{one},{one}"))),
                "/schedules/0/rows/1/id: `1` is there twice",
            ),
            (
                format!(
                    r#""schedules":[{}]"#,
                    version(1, "2021-01-01", &format!("{one},{}", row("2", "2021-07-01", "")))
                ),
                "/schedules/0/rows/1/due_on: 2021-07-01 is before the row above",
            ),
            (
                format!(
                    r#""schedules":[{}]"#,
                    version(1, "2021-01-01", &row("1", "2021-08-01", r#","paid":{"interest":"1.01"}"#))
                ),
                "/schedules/0/rows/0/paid/interest: 1.01 paid is more than the 1 there is",
            ),
            (
                format!(r#""schedules":[{}]"#, version(1, "2021-01-01", &row("1", "0021-08-01", ""))),
                "/schedules/0/rows/0/due_on: 0021-08-01 is not between",
            ),
            (
                format!(r#""schedules":[{0},{0}]"#, version(2, "2021-01-01", "")),
                "/schedules/1/version: 2 does not rise",
            ),
            (
                format!(r#""schedules":[{},{}]"#, version(1, "2021-02-01", ""), version(2, "2021-01-01", "")),
                "/schedules/1/known_from: 2021-01-01 is before",
            ),
            (
                charge(r#","paid":"6","waived":"4.01""#),
                "/charges/0/paid: 10.01 paid and waived is more than the 10 there is",
            ),
            (charge(r#","paid":"-1""#), "/charges/0/paid: -1 is negative"),
            (charge(r#","paid":"0.001""#), "/charges/0/paid: `0.001` has more decimals than CNY has (2)"),
            (
                charge(r#","accrual":{"from":"2021-02-02","until":"2021-02-01"}"#),
                "/charges/0/accrual/until: 2021-02-01 is before the first day",
            ),
            (
                charge(r#","accrual":{"from":"2021-02-02","until":"2021-02-03","day_count":"30/360"}"#),
                "/charges/0/accrual/day_count: a charge accrues by actual days",
            ),
            (
                r#""payments":[{"id":"p","on":"2021-02-02","amount":"5","to":[{"charge":"c","amount":"5.01"}]}]"#
                    .into(),
                "/payments/0/to: 5.01 allocated is more",
            ),
            (
                r#""payments":[{"id":"p","on":"2021-02-02","amount":"5","to":[{"amount":"5"}]}]"#.into(),
                "/payments/0/to/0: names an instalment and a charge, or neither",
            ),
            (
                r#""parties":[{"party":"p","role":"borrower"},{"party":"p","role":"guarantor"}]"#.into(),
                "/parties/1/party: `p` is there twice",
            ),
            (
                r#""parties":[{"party":"p","role":"borrower","addresses":[{"role":"home","region":""}]}]"#.into(),
                "/parties/0/addresses/0/region: is empty",
            ),
            (
                r#""funders":[{"party":"a","share":"0.7"},{"party":"b","share":"0.4"}]"#.into(),
                "/funders: the shares sum to 1.1",
            ),
            (
                r#""terms":{"rate":"24"}"#.into(),
                "/terms/rate: 24 is more than 1,000 % a year: 24 percent is written \"0.24\"",
            ),
            (r#""terms":{"every":{"months":0}}"#.into(), "/terms/every: is 0"),
            (r#""agreements":["g","g"]"#.into(), "/agreements/1: `g` is there twice"),
        ];
        for (keys, want) in cases {
            let found = problems(&keys);
            assert!(found.len() == 1 && found[0].starts_with(want), "{keys}: {found:?}");
        }
    }

    #[test]
    fn long_lists_are_bounded() {
        let charge = |n: usize| format!(r#"{{"id":"c{n}","kind":"late_fee","amount":"-1"}}"#);
        let charges: Vec<String> = (0..=MOST_ROWS).map(charge).collect();
        let found = problems(&format!(r#""charges":[{}]"#, charges.join(",")));
        assert_eq!(
            (found.len(), found[0].as_str()),
            (MOST_PROBLEMS, "/charges: 10001 entries: at most 10000 are read")
        );
    }

    #[test]
    fn an_account_needs_a_number() {
        for (id, want) in [("", "is empty"), (" A", "has spaces"), ("A\u{0}", "control characters")] {
            let text = serde_json::json!({"account": id, "as_of": "2021-07-31", "currency": "CNY"}).to_string();
            let error = Account::from_json(&text).unwrap_err().to_string();
            assert!(error.starts_with("/account: ") && error.contains(want), "{error}");
        }
    }
}
