//! Laws that hold for every account and every policy.

use forbear_engine::account::Position;
use forbear_engine::account::parts::Parts;
use forbear_engine::account::position::Row;
use forbear_engine::adjustment::{Adjustment, Relieved, RowChange, RowState, ScheduleChange, Target};
use forbear_engine::decide::Decision;
use forbear_engine::decide::decision::Owed;
use forbear_engine::money::{Currency, Money};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use crate::generated::{Case, case};
use crate::scenario::{World, granted};

fn laws() -> ProptestConfig {
    // The same cases on every machine, so that a change is green or not, never both; longer runs name other seeds.
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rng_seed = RngSeed::Fixed(given("FORBEAR_SEED").unwrap_or(20_211_120));
    let cases = given("FORBEAR_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(256);
    ProptestConfig {
        cases,
        max_global_rejects: u32::MAX,
        failure_persistence: None,
        rng_seed,
        ..ProptestConfig::default()
    }
}

fn sum<'a>(parts: impl Iterator<Item = &'a Parts>) -> Parts {
    parts.fold(Parts::zero(Currency::CNY), |sum, one| sum.add(one).unwrap())
}

fn rows(position: &Position) -> &[Row] {
    position.rows.as_deref().unwrap_or_default()
}

/// Paid and unpaid of every row, part by part.
fn scheduled(position: &Position) -> Parts {
    sum(rows(position).iter().map(|row| &row.state.owed))
}

fn paid(position: &Position) -> Parts {
    sum(rows(position).iter().map(|row| &row.state.paid))
}

/// Paid and unpaid of every charge; paid alone.
fn charged(position: &Position) -> (i64, i64) {
    let charges = position.charges.iter().flatten();
    charges.fold((0, 0), |(all, paid), charge| {
        (all + charge.amount.minor() - charge.waived.minor(), paid + charge.paid.minor())
    })
}

fn relieved(adjustment: &Adjustment) -> Option<&Relieved> {
    match adjustment {
        Adjustment::Waiver(relieved) | Adjustment::Refund(relieved) | Adjustment::Credit { relieved, .. } => {
            Some(relieved)
        }
        _ => None,
    }
}

fn changes(decision: &Decision) -> Vec<&ScheduleChange> {
    let change = |one: &&Adjustment| matches!(one, Adjustment::Schedule(_));
    let all = decision.offers.iter().flat_map(|offer| &offer.adjustments).chain(granted(decision));
    all.filter(change)
        .filter_map(|one| if let Adjustment::Schedule(change) = one { Some(change) } else { None })
        .collect()
}

/// Relieved on charges and on interest: all of it, and what of it was paid before.
fn relief(decision: &Decision) -> [i64; 4] {
    let mut sums = [0; 4];
    for one in granted(decision) {
        let Some(relieved) = relieved(one) else { continue };
        let at = if matches!(relieved.target, Target::Charge(_)) { 0 } else { 2 };
        sums[at] += relieved.amount.minor();
        if !matches!(one, Adjustment::Waiver(_)) {
            sums[at + 1] += relieved.amount.minor();
        }
    }
    sums
}

fn credited(decision: &Decision) -> i64 {
    let credits = granted(decision).into_iter().filter_map(|one| match one {
        Adjustment::Credit { relieved, to } => Some((relieved, to)),
        _ => None,
    });
    let mut sum = 0;
    for (relieved, to) in credits {
        let credit: i64 = to.iter().map(|one| one.paid.total().unwrap().minor()).sum();
        assert_eq!(credit, relieved.amount.minor(), "what is credited arrives");
        sum += credit;
    }
    sum
}

fn states(position: &Position) -> Vec<(String, RowState)> {
    let mut all: Vec<_> = rows(position).iter().map(|row| (row.id.clone(), row.state.clone())).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn inverse(change: &ScheduleChange) -> ScheduleChange {
    let swap =
        |one: &RowChange| RowChange { row: one.row.clone(), before: one.after.clone(), after: one.before.clone() };
    ScheduleChange { changes: change.changes.iter().map(swap).collect(), ..change.clone() }
}

/// The account as the core system sends it once it has done what was granted.
fn refreshed(world: &World, decision: &Decision) -> World {
    let after = world.after(decision);
    let mut account = serde_json::to_value(&world.account).unwrap();
    let text = |money: &Money| json!(money.to_decimal().to_string());
    let parts = |parts: &Parts| json!({"principal": text(&parts.principal), "interest": text(&parts.interest), "fees": text(&parts.fees)});
    let line = |row: &Row| {
        let mut line = parts(&row.state.owed);
        line["id"] = json!(row.id);
        line["due_on"] = json!(row.state.due_on);
        line["paid"] = parts(&row.state.paid);
        line
    };
    let lines: Vec<Value> = rows(&after).iter().map(line).collect();
    account["schedules"].as_array_mut().unwrap().push(json!({"version": 2, "known_from": "2024-05-20", "rows": lines}));
    for (charge, line) in account["charges"].as_array_mut().unwrap().iter_mut().zip(after.charges.iter().flatten()) {
        charge["paid"] = text(&line.paid);
        charge["waived"] = text(&line.waived);
    }
    let mut again = World::new(world.policies.clone(), world.account.clone());
    again.request.clone_from(&world.request);
    again.grant(decision);
    account["contains"] = again.history.grants.iter().map(|grant| json!(grant.instruction)).collect();
    again.account = forbear_engine::account::Account::from_json(&account.to_string()).unwrap();
    again
}

fn without_receipt(decision: &Decision) -> Value {
    let mut value = serde_json::to_value(decision).unwrap();
    value.as_object_mut().unwrap().remove("receipt");
    value
}

/// The same inputs with everything that has no order of its own turned round.
fn turned(case: &Case, world: &World) -> World {
    let mut policies = case.programs();
    policies.reverse();
    let mut account = world.account.clone();
    if let Some(charges) = &mut account.charges {
        charges.reverse();
    }
    for version in account.schedules.iter_mut().flatten() {
        // Rows of one day have no order either.
        version.rows.reverse();
        version.rows.sort_by_key(|row| row.due_on);
    }
    let mut turned = World::new(policies, account);
    turned.request.clone_from(&world.request);
    turned
}

proptest! {
    #![proptest_config(laws())]

    #[test]
    fn money_is_conserved_component_by_component(case in case()) {
        let world = case.world();
        let decision = world.decide();
        let before = Position::of(world.snapshot().snapshot(), world.context.today);
        let after = world.after(&decision);
        let amounts = &decision.totals.amounts;
        let [charges, charges_paid, interest, interest_paid] = relief(&decision);
        prop_assert_eq!(charges + interest, amounts.waived.minor() + amounts.refunded.minor());
        prop_assert_eq!(charges_paid + interest_paid, amounts.refunded.minor());
        let (was, is) = (scheduled(&before), scheduled(&after));
        prop_assert_eq!(is.principal.minor(), was.principal.minor() + amounts.capitalised.minor());
        prop_assert_eq!(is.fees, was.fees);
        let added = amounts.added_interest.minor() - amounts.forgone_interest.minor() - amounts.capitalised.minor();
        prop_assert_eq!(is.interest.minor(), was.interest.minor() - interest + added);
        let (was_charged, is_charged) = (charged(&before), charged(&after));
        prop_assert_eq!(is_charged.0, was_charged.0 - charges);
        prop_assert_eq!(is_charged.1, was_charged.1 - charges_paid);
        let (was_paid, is_paid) = (paid(&before).total().unwrap().minor(), paid(&after).total().unwrap().minor());
        prop_assert_eq!(is_paid, was_paid - interest_paid + credited(&decision));
        for (owed, position) in [(&decision.before, &before), (&decision.after, &after)] {
            let unpaid = position.unpaid_rows().unwrap();
            prop_assert_eq!((owed.principal, owed.interest, owed.fees), (unpaid.principal, unpaid.interest, unpaid.fees));
            let charges = position.unpaid_charges().unwrap().values().map(Money::minor).sum::<i64>();
            prop_assert_eq!(owed.charges.minor(), charges);
        }
        let borne: i64 = decision.totals.by_bearer.values().map(Money::minor).sum();
        prop_assert_eq!(borne, charges + interest);
    }

    #[test]
    fn a_change_of_rows_keeps_principal_but_for_what_it_capitalises(case in case()) {
        for change in changes(&case.world().decide()) {
            let owed = |state: &Option<RowState>| state.as_ref().map(|state| state.owed);
            let was = sum(change.changes.iter().filter_map(|one| owed(&one.before)).collect::<Vec<_>>().iter());
            let is = sum(change.changes.iter().filter_map(|one| owed(&one.after)).collect::<Vec<_>>().iter());
            prop_assert_eq!(is.principal.minor(), was.principal.minor() + change.capitalised.minor());
            prop_assert_eq!(is.fees, was.fees);
            let paid = |state: &Option<RowState>| state.as_ref().map(|state| state.paid);
            let was = sum(change.changes.iter().filter_map(|one| paid(&one.before)).collect::<Vec<_>>().iter());
            let is = sum(change.changes.iter().filter_map(|one| paid(&one.after)).collect::<Vec<_>>().iter());
            prop_assert_eq!(is, was);
        }
    }

    #[test]
    fn deciding_again_gives_nothing_more(case in case()) {
        let mut world = case.world();
        let first = world.decide();
        world.grant(&first);
        let again = world.decide();
        prop_assert!(granted(&again).is_empty(), "{:#?}\nafter {:#?}", granted(&again), granted(&first));
        let money = |owed: &Owed| (owed.principal, owed.interest, owed.fees, owed.charges);
        prop_assert_eq!(money(&again.before), money(&first.after));
    }

    #[test]
    fn a_refreshed_snapshot_gives_nothing_more(case in case()) {
        let world = case.world();
        let first = world.decide();
        let again = refreshed(&world, &first).decide();
        prop_assert!(granted(&again).is_empty(), "{:#?}\nafter {:#?}", granted(&again), granted(&first));
    }

    #[test]
    fn a_change_of_rows_can_be_undone(case in case()) {
        let world = case.world();
        let decision = world.decide();
        let mut position = Position::of(world.snapshot().snapshot(), world.context.today);
        for adjustment in granted(&decision) {
            let before = states(&position);
            position.apply(adjustment).unwrap();
            if let Adjustment::Schedule(change) = adjustment {
                let mut undone = position.clone();
                undone.apply(&Adjustment::Schedule(inverse(change))).unwrap();
                prop_assert_eq!(states(&undone), before);
            }
        }
    }

    #[test]
    fn relief_makes_no_date_earlier_and_none_before_the_incident(case in case()) {
        let start = "2024-05-01".parse().unwrap();
        for one in changes(&case.world().decide()).into_iter().flat_map(|change| &change.changes) {
            let Some(after) = &one.after else { continue };
            match &one.before {
                Some(before) if before.due_on == after.due_on => {}
                before => {
                    prop_assert!(after.due_on >= start, "{one:?}");
                    prop_assert!(before.as_ref().is_none_or(|before| before.due_on < after.due_on), "{one:?}");
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_inputs_changes_nothing(case in case()) {
        let world = case.world();
        let other = turned(&case, &world);
        prop_assert_eq!(without_receipt(&world.decide()), without_receipt(&other.decide()));
    }

    #[test]
    fn paid_never_exceeds_owed_and_nothing_is_negative(case in case()) {
        let world = case.world();
        let after = world.after(&world.decide());
        for row in rows(&after) {
            let unpaid = row.unpaid().unwrap();
            for parts in [&unpaid, &row.state.owed, &row.state.paid] {
                let amounts = [parts.principal, parts.interest, parts.fees];
                prop_assert!(amounts.iter().all(|money| money.minor() >= 0), "{row:?}");
            }
        }
        for charge in after.charges.iter().flatten() {
            let left = charge.amount.minor() - charge.paid.minor() - charge.waived.minor();
            prop_assert!(left >= 0 && charge.paid.minor() >= 0 && charge.waived.minor() >= 0, "{charge:?}");
        }
    }
}
