//! What a test demands, as a sentence: the author's own, else one made from fact, comparison and literals.

use super::Voice;
use crate::declaration::Designation;
use crate::facts::Facts;
use crate::policy::document::Who;
use crate::policy::facts::FactType;
use crate::policy::program::{Literal, Op, Program, Slot, Test};
use crate::text::Language;

/// How values of a type are called more or less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    Number,
    Date,
    Gravity,
}

impl Voice<'_> {
    /// What a test demands: the author's words, else made.
    #[must_use]
    pub fn sentence(&self, program: &Program, test: &Test, facts: Option<&Facts<'_>>) -> String {
        match &test.message {
            Some(message) if !message.get(self.language).is_empty() => message.get(self.language).to_owned(),
            _ => self.demand(program, test, facts),
        }
    }

    /// What a test demands, made from what it compares; with facts, dates are followed by the days they came to.
    #[must_use]
    pub fn demand(&self, program: &Program, test: &Test, facts: Option<&Facts<'_>>) -> String {
        let Some(slot) = program.slots.get(test.slot) else { return test.id.clone() };
        let subject = self.subject(slot, test.who, facts);
        let comparison = self.comparison(&test.op, slot.of, facts);
        match (self.language, &test.op) {
            (Language::English, _) => format!("{subject}: {comparison}"),
            (Language::Chinese, Op::Is(Literal::Bool(_)) | Op::IsNot(Literal::Bool(_))) => {
                format!("{subject}：{comparison}")
            }
            (Language::Chinese, _) => format!("{subject}{comparison}"),
        }
    }

    /// What a test looks at: the fact, the addresses, the day, the people.
    fn subject(&self, slot: &Slot, who: Who, facts: Option<&Facts<'_>>) -> String {
        let mut subject = self.title_at(slot);
        if let Some(on) = &slot.on {
            let (words, day) = self.dated(on, facts);
            let day = day.unwrap_or_default();
            let zh = format!("{subject}（{}）", format!("{words} {day}").trim_end());
            subject = self.say(zh, format!("{subject} on {}", self.date(on, facts)));
        }
        if who == Who::EveryParty {
            subject = self.say(format!("每位借款人的{subject}"), format!("{subject}, for every borrower"));
        }
        subject
    }

    /// What a slot is called, its roles filled in: "designation of the home or workplace".
    #[must_use]
    pub fn title_at(&self, slot: &Slot) -> String {
        let title = self.title(&slot.fact);
        let of_area = slot.fact.entry().is_some_and(|entry| entry.name.starts_with("area."));
        let roles = match &slot.fact.of {
            Some(role) if of_area => vec![role.as_str()],
            _ => slot.roles.iter().map(String::as_str).collect(),
        };
        if roles.is_empty() {
            return title;
        }
        let roles: Vec<String> = roles.into_iter().map(|role| self.role(role)).collect();
        let roles = self.or(&roles);
        let address = self.language.of(["地址", "address"]);
        if title.contains(address) {
            title.replace(address, &roles)
        } else {
            self.say(format!("{roles}的{title}"), format!("{title} (of the {roles})"))
        }
    }

    fn comparison(&self, op: &Op, of: FactType, facts: Option<&Facts<'_>>) -> String {
        let literal = |literal: &Literal| self.literal(literal, of, facts);
        let several = |literals: &[Literal]| self.or(&literals.iter().map(literal).collect::<Vec<_>>());
        match op {
            Op::Is(Literal::Bool(yes)) => self.yes(*yes),
            Op::IsNot(Literal::Bool(yes)) => self.yes(!yes),
            Op::Is(one) => self.is(&literal(one)),
            Op::IsNot(one) => self.is_not(&literal(one)),
            Op::In(literals) => self.is(&several(literals)),
            Op::NotIn(literals) => self.is_not(&several(literals)),
            Op::AtLeast(one) => match scale(of) {
                Scale::Number => self.say(format!("不少于 {}", literal(one)), format!("at least {}", literal(one))),
                Scale::Date => self.say(format!("不早于{}", literal(one)), format!("on or after {}", literal(one))),
                Scale::Gravity => self.say(format!("为{}或更重", literal(one)), format!("{} or graver", literal(one))),
            },
            Op::AtMost(one) => match scale(of) {
                Scale::Number => self.say(format!("不超过 {}", literal(one)), format!("at most {}", literal(one))),
                Scale::Date => self.say(format!("不晚于{}", literal(one)), format!("on or before {}", literal(one))),
                Scale::Gravity => self.say(format!("为{}或更轻", literal(one)), format!("{} or lighter", literal(one))),
            },
            Op::Above(one) => match scale(of) {
                Scale::Number => self.say(format!("超过 {}", literal(one)), format!("more than {}", literal(one))),
                Scale::Date => self.say(format!("晚于{}", literal(one)), format!("after {}", literal(one))),
                Scale::Gravity => self.say(format!("重于{}", literal(one)), format!("graver than {}", literal(one))),
            },
            Op::Below(one) => match scale(of) {
                Scale::Number => self.say(format!("少于 {}", literal(one)), format!("less than {}", literal(one))),
                Scale::Date => self.say(format!("早于{}", literal(one)), format!("before {}", literal(one))),
                Scale::Gravity => self.say(format!("轻于{}", literal(one)), format!("lighter than {}", literal(one))),
            },
            Op::WithinRegions(regions) => {
                let names: Vec<String> = regions.iter().map(|id| self.region(self.regions.code(*id))).collect();
                let names = self.or(&names);
                self.say(format!("在{names}之内"), format!("in {names}"))
            }
            Op::WithinWindow(window) => {
                let window = self.window(window, facts);
                self.say(format!("在{window}之间"), window)
            }
            Op::Has(names) => {
                let names: Vec<String> = names.iter().map(|name| self.name(name)).collect();
                let names = self.or(&names);
                self.say(format!("包含{names}"), format!("includes {names}"))
            }
            Op::Known(true) => self.say("已知", "known"),
            Op::Known(false) => self.say("未知", "not known"),
        }
    }

    fn is(&self, what: &str) -> String {
        self.say(format!("为{what}"), what)
    }

    fn is_not(&self, what: &str) -> String {
        self.say(format!("不为{what}"), format!("not {what}"))
    }

    pub(super) fn yes(&self, yes: bool) -> String {
        if yes { self.say("是", "yes") } else { self.say("否", "no") }
    }

    fn literal(&self, literal: &Literal, of: FactType, facts: Option<&Facts<'_>>) -> String {
        match literal {
            Literal::Bool(yes) => self.yes(*yes),
            Literal::Count(count) => self.count(*count, if let FactType::Count(unit) = of { unit } else { "" }),
            Literal::Amount(money) => self.money(money),
            Literal::Rate(rate) => super::amount::percent(rate.0, 4),
            Literal::Date(expr) => self.date(expr, facts),
            Literal::Name(name) => self.name(name),
            Literal::Severity(severity) => self.severity(severity.name()),
            Literal::Designation(found) => self.designation(*found),
            Literal::Region(id) => self.region(self.regions.code(*id)),
        }
    }

    pub(super) fn severity(&self, name: &str) -> String {
        self.say(format!("{name}级"), name)
    }

    pub(super) fn designation(&self, found: Option<Designation>) -> String {
        match found {
            Some(found) => found.title(self.language).to_owned(),
            None => self.say("灾区之外", "outside the disaster area"),
        }
    }
}

fn scale(of: FactType) -> Scale {
    match of {
        FactType::Date => Scale::Date,
        FactType::Severity | FactType::Designation => Scale::Gravity,
        _ => Scale::Number,
    }
}
