//! Accounts and policies of every shape, small: what the laws of `properties.rs` are tried on.

use forbear_engine::account::Account;
use forbear_engine::money::{Currency, Money};
use forbear_engine::policy::Program;
use forbear_engine::rate::{DayCount, Rate};
use forbear_engine::schedule::{Frequency, Kept, Method, RateCalendar, Terms, derive};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scenario::{World, account, policy};

/// One account and its policies, as documents.
#[derive(Debug, Clone)]
pub struct Case {
    pub account: Value,
    pub policies: Vec<Value>,
    /// Which offer is taken where there are several; none leaves the choice open.
    pub accepts: Option<usize>,
}

impl Case {
    pub fn account(&self) -> Account {
        account(&self.account)
    }

    pub fn programs(&self) -> Vec<Program> {
        self.policies.iter().enumerate().map(|(at, patch)| policy(&format!("p{at}"), patch)).collect()
    }

    pub fn world(&self) -> World {
        let mut world = World::new(self.programs(), self.account());
        let offers = world.decide().offers;
        if let (Some(accepts), Some(request)) = (self.accepts, world.request.as_mut())
            && !offers.is_empty()
        {
            request.accepts = Some(offers[accepts % offers.len()].offer.clone());
        }
        world
    }
}

pub fn case() -> impl Strategy<Value = Case> {
    let policies = prop_oneof![3 => prop::collection::vec(rules(), 1), 1 => prop::collection::vec(rules(), 2)];
    (loan(), policies, prop::option::weighted(0.9, 0_usize..4)).prop_map(|(account, policies, accepts)| Case {
        account,
        policies,
        accepts,
    })
}

fn yuan(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Terms as the engine and as a document has them.
fn terms() -> impl Strategy<Value = (Terms, Frequency)> {
    let rate = prop_oneof![1 => Just("0"), 1 => Just("0.0435"), 2 => Just("0.12"), 1 => Just("0.2399")];
    let method =
        prop::sample::select(vec![Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly, Method::Flat]);
    let day_count =
        prop::sample::select(vec![DayCount::Month12, DayCount::Act365, DayCount::Act360, DayCount::Thirty360]);
    let every = prop_oneof![3 => Just(Frequency::MONTHLY), 1 => Just(Frequency::Days(14))];
    (rate, method, day_count, every).prop_map(|(rate, method, day_count, every)| {
        let rate = Rate(rate.parse().unwrap());
        (Terms { currency: Currency::CNY, rate, method, day_count }, every)
    })
}

/// One row's amounts, and how much of it is paid: eighths of each part.
type RawRow = (i64, i64, i64, [i64; 3]);

fn raw_row() -> impl Strategy<Value = RawRow> {
    let fees = prop_oneof![3 => Just(0_i64), 1 => 1_i64..300];
    let paid = prop_oneof![
        4 => Just([0_i64; 3]),
        1 => Just([8_i64; 3]),
        2 => [0_i64..=8, 0_i64..=8, 0_i64..=8],
    ];
    (0_i64..50_000, 0_i64..2_000, fees, paid)
}

/// An account: by the contract's terms or as a core system might have bent it, paid in part, with charges.
fn loan() -> impl Strategy<Value = Value> {
    let charges = prop::collection::vec(charge(), 0..4);
    let first = (-8_i64..7, prop::sample::select(vec![1_u32, 15, 31]));
    let shape = (any::<bool>(), prop::bool::weighted(0.15), 0_usize..4);
    (terms(), first, prop::collection::vec(raw_row(), 1..8), shape, charges, prop::bool::weighted(0.7)).prop_map(
        |((terms, every), (month, day), raw, (by_terms, twin, paid_up), charges, guaranteed)| {
            let first = forbear_engine::dates::add_months("2024-01-01".parse().unwrap(), month).unwrap();
            let first = forbear_engine::dates::add_days(first, i64::from(day) - 1).unwrap();
            let mut dues = every.dues(first, u32::try_from(raw.len()).unwrap()).unwrap();
            let mut raw = raw;
            if by_terms {
                let start = forbear_engine::dates::add_days(first, -30).unwrap();
                let lent = Money::new(raw.iter().map(|row| row.0).sum(), Currency::CNY);
                let rows = derive(&terms, lent, start, &dues, &RateCalendar::EMPTY, Kept::default()).unwrap();
                for (row, derived) in raw.iter_mut().zip(rows) {
                    (row.0, row.1) = (derived.principal.minor(), derived.interest.minor());
                    row.3 = [0; 3];
                }
            }
            for row in raw.iter_mut().take(paid_up) {
                row.3 = [8; 3];
            }
            if twin && dues.len() > 1 {
                let last = dues.len() - 1;
                dues[last] = dues[last - 1];
            }
            let line = |(at, ((principal, interest, fees, paid), due)): (usize, (&RawRow, &chrono::NaiveDate))| {
                let part = |whole: &i64, eighths: i64| yuan(whole * eighths / 8);
                json!({"id": format!("i{}", at + 1), "due_on": due.to_string(), "principal": yuan(*principal),
                       "interest": yuan(*interest), "fees": yuan(*fees),
                       "paid": {"principal": part(principal, paid[0]), "interest": part(interest, paid[1]),
                                "fees": part(fees, paid[2])}})
            };
            let rows: Vec<Value> = raw.iter().zip(&dues).enumerate().map(line).collect();
            let charges = charges.into_iter().enumerate().map(|(at, mut charge)| {
                charge["id"] = json!(format!("c{}", at + 1));
                charge
            });
            let mut account = json!({
                "rows": rows, "charges": charges.collect::<Vec<_>>(),
                "terms": {"rate": terms.rate, "method": terms.method, "day_count": terms.day_count, "every": every},
                "credit_reports": [{"sent_on": "2024-05-05", "overdue": true}]
            });
            if guaranteed {
                account["agreements"] = json!(["g-1"]);
            }
            account
        },
    )
}

fn charge() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["late_fee", "penalty_interest", "guarantee_fee"]);
    let dated = prop_oneof![
        (0_i64..60).prop_map(|day| {
            let on = forbear_engine::dates::add_days("2024-03-25".parse().unwrap(), day).unwrap();
            json!({"assessed_on": on.to_string()})
        }),
        (0_i64..40, 0_i64..25).prop_map(|(from, length)| {
            let from = forbear_engine::dates::add_days("2024-04-01".parse().unwrap(), from).unwrap();
            let until = forbear_engine::dates::add_days(from, length).unwrap();
            json!({"accrual": {"from": from.to_string(), "until": until.to_string(), "basis": "1000.00",
                               "rate": "0.18", "day_count": "ACT/365"}})
        }),
    ];
    (kind, 0_i64..6_000, 0_i64..=8, 0_i64..=8, dated, any::<bool>()).prop_map(
        |(kind, amount, paid, waived, dated, guarantor)| {
            let paid = amount * paid / 8;
            let waived = (amount - paid) * waived / 8 / 3;
            let mut charge = json!({"kind": kind, "amount": yuan(amount), "paid": yuan(paid), "waived": yuan(waived)});
            for (key, value) in dated.as_object().unwrap() {
                charge[key] = value.clone();
            }
            if guarantor && kind == "guarantee_fee" {
                charge["bearer"] = json!("guarantor");
            }
            charge
        },
    )
}

/// Rules of one policy, its hit policy and its limits.
fn rules() -> impl Strategy<Value = Value> {
    let rule = || prop::collection::vec(benefit(), 1..4);
    let limits = prop_oneof![
        4 => Just(json!([])),
        1 => (500_i64..20_000).prop_map(|cents| {
            json!([{"amount": yuan(cents), "currency": "CNY", "per": "borrower", "scope": "event"}])
        }),
        1 => (1_u32..5).prop_map(|most| {
            json!([{"deferred_instalments": {"at_most": most}, "per": "account", "window": {"months": 12}}])
        }),
        1 => Just(json!([{"count": 1, "per": "account", "scope": "event"}])),
    ];
    (prop::collection::vec(rule(), 1..3), any::<bool>(), limits).prop_map(|(rules, all, limits)| {
        let rules = rules.into_iter().enumerate().map(|(rule, benefits)| {
            let benefits = benefits.into_iter().enumerate().map(|(at, mut benefit)| {
                benefit["id"] = json!(format!("b{rule}-{at}"));
                benefit
            });
            json!({"id": format!("r{rule}"), "benefits": benefits.collect::<Vec<_>>()})
        });
        let hit_policy = if all { "all" } else { "first" };
        json!({"hit_policy": hit_policy, "rules": rules.collect::<Vec<_>>(), "limits": limits})
    })
}

fn benefit() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => waive_charges().prop_map(|waive| json!({"waive": waive})),
        1 => waive_interest().prop_map(|waive| json!({"waive": waive})),
        4 => defer().prop_map(|defer| json!({"defer": defer})),
        1 => suspend().prop_map(|suspend| json!({"suspend": suspend})),
        1 => window().prop_map(|(from, until)| json!({"pause_interest": {"from": from, "until": until}})),
        1 => window().prop_map(|(from, until)| json!({"reduce_rate": {"from": from, "until": until, "to": "0.02"}})),
        1 => hold().prop_map(|hold| json!({"hold": hold})),
        1 => (1_i64..5_000).prop_map(|cents| json!({"goodwill": {"amount": {"amount": yuan(cents), "currency": "CNY"}}})),
    ]
}

fn window() -> impl Strategy<Value = (Value, Value)> {
    let from = prop::sample::select(vec![json!("incident_start"), json!("2024-04-20"), json!("2024-06-10")]);
    let until = prop::sample::select(vec![json!("incident_end"), json!("2024-06-30"), json!("2024-08-15")]);
    (from, until).prop_filter("in order", |(from, until)| from != "2024-06-10" || until != "incident_end")
}

fn cap(per: &'static str) -> impl Strategy<Value = Option<Value>> {
    let size = prop_oneof![1_i64..3_000, 3_000_i64..40_000];
    prop::option::weighted(
        0.4,
        size.prop_map(move |cents| json!({"amount": yuan(cents), "currency": "CNY", "per": per})),
    )
}

fn with(mut value: Value, more: &[(&str, Option<Value>)]) -> Value {
    for (key, one) in more {
        if let Some(one) = one {
            value[*key] = one.clone();
        }
    }
    value
}

fn waive_charges() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::subsequence(vec!["late_fee", "penalty_interest", "guarantee_fee"], 1..=3);
    let accrued = prop::sample::select(vec![
        None,
        Some(json!({"from": "incident_start"})),
        Some(json!({"from": "2024-04-10", "until": "2024-05-16"})),
        Some(json!({"from": "incident_start", "until": {"after": "incident_end", "days": 30}})),
    ]);
    let borne = prop::option::weighted(0.2, Just(json!({"party": "guarantor", "agreement": "g-1"})));
    (kinds, share(), if_paid(), accrued, prop_oneof![cap("account"), cap("charge")], borne).prop_map(
        |(kinds, share, if_paid, accrued, cap, borne)| {
            let waive = json!({"charges": kinds, "share": share, "if_paid": if_paid});
            with(waive, &[("accrued", accrued), ("cap", cap), ("borne_by", borne)])
        },
    )
}

fn share() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["1", "1", "0.5", "0.3", "0.333"])
}

fn if_paid() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["leave", "refund", "credit_next"])
}

/// Which instalments: `which`, `due`, `instalments`.
fn choice() -> impl Strategy<Value = Value> {
    let which = prop::sample::select(vec![json!("overdue"), json!("due_in"), json!(["overdue", "due_in"])]);
    let due = prop::sample::select(vec![
        json!({"from": "incident_start"}),
        json!({"from": "2024-06-01", "until": "2024-09-30"}),
    ]);
    (which, due, prop::option::weighted(0.7, 1_u32..5)).prop_map(|(which, due, count)| {
        let due = (which != "overdue").then_some(due);
        with(json!({"which": which}), &[("due", due), ("instalments", count.map(|count| json!({"up_to": count})))])
    })
}

fn waive_interest() -> impl Strategy<Value = Value> {
    (choice(), share(), if_paid(), cap("account")).prop_map(|(interest, share, if_paid, cap)| {
        with(json!({"interest": interest, "share": share, "if_paid": if_paid}), &[("cap", cap)])
    })
}

fn on_top() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["none", "accrue", "capitalise"])
}

fn arrears() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["cure", "freeze", "run"])
}

fn defer() -> impl Strategy<Value = Value> {
    let to = prop::sample::select(vec!["end_of_term", "maturity", "spread", "next_due", "later_date"]);
    let parts = prop::sample::select(vec![None, None, Some(json!(["principal"])), Some(json!(["interest", "fees"]))]);
    let more = (0_u32..4, 1_i64..120);
    (choice(), to, on_top(), arrears(), parts, cap("account"), more).prop_map(
        |(choice, to, on_top, arrears, parts, cap, (extra, days))| {
            let extra = (to == "spread" && extra > 0).then(|| json!(extra));
            let date = (to == "later_date").then(|| json!({"after": "due", "days": days}));
            let defer = with(choice, &[("parts", parts), ("cap", cap), ("extra_terms", extra), ("date", date)]);
            with(
                defer,
                &[("to", Some(json!(to))), ("interest_on_top", Some(json!(on_top))), ("arrears", Some(json!(arrears)))],
            )
        },
    )
}

fn suspend() -> impl Strategy<Value = Value> {
    let from = prop::sample::select(vec!["incident_start", "decided_on"]);
    (from, 10_u32..120, on_top(), arrears(), any::<bool>()).prop_map(|(from, days, on_top, arrears, renewed)| {
        let renew = renewed.then(|| json!({"step": {"days": 30}, "total": {"days": 180}}));
        let suspend = json!({"from": from, "for": {"days": days}, "interest_on_top": on_top, "arrears": arrears,
                             "then": "due_at_end"});
        with(suspend, &[("renew", renew)])
    })
}

fn hold() -> impl Strategy<Value = Value> {
    let until = prop::sample::select(vec![
        None,
        Some(json!({"after": "incident_end", "days": 90})),
        Some(json!("2024-05-10")),
        Some(json!("relief_end")),
    ]);
    (until, any::<bool>()).prop_map(|(until, correct)| {
        let review = until.is_none().then(|| json!({"after": "decided_on", "days": 60}));
        let hold = json!({"what": ["collections", "credit_reporting"], "from": "incident_start",
                          "report_as": "not_overdue", "correct_past": correct});
        with(hold, &[("until", until), ("review_by", review)])
    })
}
