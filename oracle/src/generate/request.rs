//! Requests: when, how, what was answered, chosen, shown and accepted.

use chrono::NaiveDate;
use forbear_engine::context::Context;
use forbear_engine::dates::Calendar;
use forbear_engine::policy::facts::CATALOGUE;
use forbear_engine::request::Request;
use serde_json::{Value, json};

use super::World;
use super::setting::REGIONS;
use crate::dice::{Dice, shifted};

/// A request, or none: proactive relief.
pub fn request(dice: &mut Dice, world: &World, today: NaiveDate) -> Option<Request> {
    if !dice.chance(68) {
        return None;
    }
    let mut answers = std::collections::BTreeMap::new();
    for fact in CATALOGUE.iter().filter(|fact| fact.ask.is_some() && !fact.name.contains('<')) {
        if dice.chance(70) {
            answers.insert(fact.name.to_owned(), json!(dice.chance(70)));
        }
    }
    if dice.chance(60) {
        answers.insert("attributes.insured".to_owned(), json!(dice.chance(50)));
    }
    for role in ["work", "business", "property", "farm", "home"] {
        if dice.chance(55) {
            let answer = if dice.chance(25) { Value::Null } else { json!(dice.pick(REGIONS)) };
            answers.insert(format!("area.{role}.region"), answer);
        }
    }
    let mut choices = std::collections::BTreeMap::new();
    let benefits = world.policies.iter().flat_map(|policy| {
        policy.rules.iter().flat_map(|rule| &rule.benefits).map(|benefit| (policy.policy.as_str(), benefit.id.as_str()))
    });
    let benefits: Vec<(&str, &str)> = benefits.collect();
    for (policy, benefit) in &benefits {
        if dice.chance(30) {
            let name = if dice.chance(50) { (*benefit).to_owned() } else { format!("{policy}/{benefit}") };
            choices.insert(name, dice.range(0, 5) as u32);
        }
    }
    let accepts = (!benefits.is_empty()).then(|| {
        let (policy, benefit) = dice.pick(&benefits);
        format!("{policy}/{benefit}")
    });
    Some(Request {
        requested_on: shifted(today, *dice.pick(&[0, 0, 0, -1, -3, -10])),
        via: dice.some(85, |dice| (*dice.pick(&["app", "app", "page", "hotline", "sms", "branch"])).to_owned()),
        answers,
        choices,
        evidence: ["photo", "self_statement", "income_proof"]
            .into_iter()
            .filter(|_| dice.chance(55))
            .map(str::to_owned)
            .collect(),
        accepts: accepts.filter(|_| dice.chance(50)),
    })
}

/// The circumstances: mostly plain; sometimes facts set by hand.
pub fn context(dice: &mut Dice, world: &World, today: NaiveDate) -> Context {
    let mut context = Context { attributes: world.attributes.clone(), ..Context::on(today) };
    context.calendar = Calendar::clone(&world.calendar);
    if dice.chance(12) {
        let settable = [
            ("account.days_past_due", json!(*dice.pick(&[0, 29, 30, 31]))),
            ("account.status", json!("active")),
            ("area.home.region", json!(dice.pick(REGIONS))),
            ("area.home.designation", json!(dice.pick(&["severe", "none"]))),
            ("account.disbursed_on", json!(world.setting.near(dice))),
            ("request.hardship", json!(true)),
            ("declaration.incident_end", json!("not_yet")),
            ("account.rate", json!("of no type")),
        ];
        let (name, value) = dice.pick(&settable).clone();
        context.facts.insert(name.to_owned(), value);
    }
    if dice.chance(40) {
        for policy in &world.policies {
            for benefit in policy.rules.iter().flat_map(|rule| &rule.benefits) {
                context.reviewer_choices.insert(benefit.id.clone(), dice.range(0, 5) as u32);
            }
        }
    }
    context
}
