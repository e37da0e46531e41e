//! Whole inputs of a decision from one number: adversarial, small, and only with policies that the checker accepts.
//!
//! ```text
//! setting      the disaster: days on which things turn, regions
//! policy       document, rules, limits … from condition, date, amount, benefit
//! declaration  areas, amendments
//! account      terms, schedule, charge, people
//! request      request and context        history  earlier relief, as the engine itself gave it
//! ```
//!
//! A world (its disaster and policies) is shared by [`CASES_PER_WORLD`] cases in a row: checking a policy costs more
//! than deciding by it.

mod account;
mod amount;
mod benefit;
mod charge;
mod condition;
mod date;
mod declaration;
mod history;
mod policy;
mod request;
mod schedule;
pub mod setting;

use chrono::NaiveDate;
use forbear_engine::account::Account;
use forbear_engine::context::Context;
use forbear_engine::dates::Calendar;
use forbear_engine::declaration::{Declaration, Declared};
use forbear_engine::history::History;
use forbear_engine::policy::check::CheckSettings;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::policy::{Policy, Program};
use forbear_engine::region::RegionTree;
use forbear_engine::request::Request;
use serde::Serialize;
use serde_json::json;

use self::setting::Setting;
use crate::dice::{Dice, shifted};

/// How many seeds in a row share their policies and declarations.
pub const CASES_PER_WORLD: u64 = 64;

/// A disaster and the policies for it.
pub struct World {
    /// Its number.
    pub number: u64,
    /// Days.
    pub setting: Setting,
    /// Policies that the checker accepts.
    pub policies: Vec<Policy>,
    /// The same, compiled by the engine.
    pub programs: Vec<Program>,
    /// How many policies the checker refused on the way.
    pub refused: u32,
    /// Declarations.
    pub declarations: Vec<Declaration>,
    /// The types of the lender's own facts.
    pub attributes: Attributes,
    /// Working days.
    pub calendar: Calendar,
}

/// What is decided: the rest of the inputs, for one account on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The seed that makes it.
    pub seed: u64,
    /// The account.
    pub account: Account,
    /// The request; none for proactive relief.
    pub request: Option<Request>,
    /// Earlier relief.
    pub history: History,
    /// The circumstances, the decision day among them.
    pub context: Context,
}

/// The lender's own facts: one of each type, two of them questions.
fn attributes() -> Attributes {
    let of = |kind: &str| json!({"type": kind, "title": {"zh-CN": "自有", "en": "Own"}});
    let mut insured = of("bool");
    insured["ask"] = json!({"zh-CN": "是否投保？", "en": "Insured?"});
    let mut segment = of("name");
    segment["ask"] = json!({"zh-CN": "哪一类？", "en": "Which segment?"});
    serde_json::from_value(json!({
        "insured": insured, "visits": of("count"), "extra": of("amount"), "score": of("rate"), "since": of("date"),
        "segment": segment, "tags": of("names"), "branch": of("region"),
    }))
    .unwrap()
}

impl World {
    /// The world of a number: the same everywhere.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let mut dice = Dice::of(number, 1);
        let setting = Setting::roll(&mut dice);
        let attributes = attributes();
        let checks = CheckSettings { today: None, attributes: attributes.clone() };
        let mut slugs = vec![("p-a", 1)];
        for (slug, percent) in [("p-b", 45), ("p-c", 15)] {
            if dice.chance(percent) {
                slugs.push((slug, 1));
            }
        }
        if dice.chance(12) {
            slugs.push(("p-a", 2));
        }
        let (mut policies, mut programs, mut refused) = (Vec::new(), Vec::new(), 0);
        for (slug, version) in slugs {
            let accepted = policy::accepted(&mut dice, &setting, &checks, slug, version);
            policies.push(accepted.policy);
            programs.push(accepted.program);
            refused += accepted.refused;
        }
        let declarations = declaration::declarations(&mut dice, &setting);
        let mut calendar = Calendar::default();
        for _ in 0..dice.below(6) {
            let day = shifted(setting.near(&mut dice), dice.range(0, 9));
            calendar.days.insert(day, dice.chance(40));
        }
        Self { number, setting, policies, programs, refused, declarations, attributes, calendar }
    }

    /// The world of a case.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        Self::of(seed / CASES_PER_WORLD)
    }

    /// The case of a seed; it has to be one of this world.
    #[must_use]
    pub fn case(&self, seed: u64) -> Case {
        assert_eq!(seed / CASES_PER_WORLD, self.number, "a seed of another world");
        let mut dice = Dice::of(seed, 2);
        let today = *dice.pick(&self.setting.days);
        let mut account = account::account(&mut dice, &self.setting, today);
        let history = history::history(&mut dice, self, &mut account, today);
        let request = request::request(&mut dice, self, today);
        let context = request::context(&mut dice, self, today);
        Case { seed, account, request, history, context }
    }

    /// Accounts without earlier relief, as many as are wanted.
    #[must_use]
    pub fn accounts(&self, count: u64, today: NaiveDate) -> Vec<Account> {
        let one = |at| {
            account::account(&mut Dice::of(self.number.wrapping_mul(1 << 32).wrapping_add(at), 3), &self.setting, today)
        };
        (0..count).map(one).collect()
    }

    /// The declarations as they stand on a day.
    #[must_use]
    pub fn declared(&self, day: NaiveDate) -> Vec<Declared<'static>> {
        let regions = RegionTree::builtin();
        self.declarations.iter().map(|one| one.as_of(day, regions).unwrap()).collect()
    }
}
