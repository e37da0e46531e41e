//! The people on a sample loan: where they live and work, and since when.

use chrono::{Datelike, NaiveDate};
use forbear_engine::account::snapshot::{Address, Party, PartyRole};

use super::dice::{Dice, back};
use super::place::{anywhere, county};
use super::product::Product;
use super::{Country, SampleSpec};

/// The borrower first.
pub(super) fn parties(
    dice: &mut Dice,
    spec: &SampleSpec,
    country: Country,
    product: &Product,
    loan: &str,
) -> Vec<Party> {
    let home = county(dice, spec, country);
    let mut all = vec![borrower(dice, spec, country, product, loan, &home)];
    let others = [(product.co_borrower, PartyRole::CoBorrower), (product.guarantor, PartyRole::Guarantor)];
    for (often, role) in others {
        if dice.permille(often) {
            let number = all.len().saturating_add(1);
            // Most co-borrowers share the borrower's home.
            let region = if dice.permille(800) { home.clone() } else { anywhere(dice, country) };
            let since = dice.days_before(spec.as_of, 200, 4000);
            let addresses = Some(vec![address("home", region, Some(since), "application")]);
            all.push(Party { party: format!("{loan}-{number}"), role, addresses, ..Party::default() });
        }
    }
    all
}

fn borrower(dice: &mut Dice, spec: &SampleSpec, country: Country, product: &Product, loan: &str, home: &str) -> Party {
    let mut addresses = Vec::new();
    let since = dice.days_before(spec.as_of, 30, 3650);
    if dice.permille(80) {
        // Moved: the old home ends the day before the new one begins.
        let before = Address {
            valid_until: Some(back(since, 1)),
            ..address("home", anywhere(dice, country), Some(dice.days_before(since, 300, 3000)), "application")
        };
        addresses.push(before);
        addresses.push(address("home", home.to_owned(), Some(since), "customer"));
    } else {
        addresses.push(address("home", home.to_owned(), Some(since), "application"));
    }
    if dice.permille(700) {
        let region = if dice.permille(750) { home.to_owned() } else { county(dice, spec, country) };
        let since = dice.days_before(spec.as_of, 30, 2500);
        addresses.push(address("work", region, Some(since), "application"));
    }
    if country == Country::Cn && dice.permille(600) {
        let region = if dice.permille(500) { home.to_owned() } else { anywhere(dice, country) };
        let since = dice.days_before(spec.as_of, 1000, 7000);
        addresses.push(address("id_card", region, Some(since), "id_check"));
    }
    if let Some(role) = product.address {
        let region = if dice.permille(850) { home.to_owned() } else { county(dice, spec, country) };
        let since = dice.days_before(spec.as_of, 100, 3000);
        addresses.push(address(role, region, Some(since), "application"));
    }
    Party {
        party: format!("{loan}-1"),
        role: PartyRole::Borrower,
        addresses: Some(addresses),
        without_income: dice.permille(500).then(|| dice.permille(40)),
        flags: dice
            .permille(12)
            .then(|| vec![(*dice.pick(&["vulnerable", "hospitalised", "injured"], &"")).to_owned()]),
    }
}

fn address(role: &str, region: String, since: Option<NaiveDate>, source: &str) -> Address {
    Address { role: role.to_owned(), region, valid_from: since, valid_until: None, source: Some(source.to_owned()) }
}

/// The first day of a year, for an address of that time.
pub(super) fn new_year(day: NaiveDate, year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year.min(day.year()), 1, 1).unwrap_or(day)
}
