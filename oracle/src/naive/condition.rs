//! Tests in document order, what each sees, and whether it holds.

use std::cmp::Ordering;

use chrono::NaiveDate;
use forbear_engine::policy::Policy;
use forbear_engine::policy::document::{Condition, DateRule, OneOrMany, Operand, Who, Within};
use forbear_engine::policy::facts::{Attributes, FactId, FactRef, FactType};
use forbear_engine::region::RegionTree;

use super::Scene;
use super::moment::Moment;
use super::value::{Gap, MARKS, SEVERITIES, Seen, Value, rank};

/// True, false, or not to be told.
pub type Truth = Option<bool>;

/// A test of the document.
pub struct Test<'p> {
    /// Its name in reasons.
    pub id: String,
    /// The condition.
    pub condition: &'p Condition,
    /// The fact.
    pub fact: FactRef,
    /// Its type.
    pub of: FactType,
    /// Addresses that count.
    pub roles: Vec<String>,
    /// What is read: tests with the same key see the same.
    pub key: String,
}

/// A condition over tests by their place.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Every one.
    All(Vec<Tree>),
    /// At least one.
    Any(Vec<Tree>),
    /// Not it.
    Not(Box<Tree>),
    /// A test.
    Test(usize),
}

impl Tree {
    /// Kleene's logic, by looking at every part.
    #[must_use]
    pub fn truth(&self, truths: &[Truth]) -> Truth {
        match self {
            Self::Test(at) => truths[*at],
            Self::Not(part) => part.truth(truths).map(|holds| !holds),
            Self::All(parts) => fold(parts, truths, false),
            Self::Any(parts) => fold(parts, truths, true),
        }
    }

    /// Its tests in order.
    #[must_use]
    pub fn tests(&self) -> Vec<usize> {
        match self {
            Self::Test(at) => vec![*at],
            Self::Not(part) => part.tests(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
        }
    }
}

fn fold(parts: &[Tree], truths: &[Truth], decides: bool) -> Truth {
    let all: Vec<Truth> = parts.iter().map(|part| part.truth(truths)).collect();
    if all.contains(&Some(decides)) {
        Some(decides)
    } else if all.contains(&None) {
        None
    } else {
        Some(!decides)
    }
}

/// All conditions of a policy.
pub struct Conditions<'p> {
    /// Tests in document order.
    pub tests: Vec<Test<'p>>,
    /// Who may have it.
    pub eligible: Tree,
    /// For each rule: when it holds, and what it waits for.
    pub rules: Vec<(Tree, Option<Tree>)>,
    /// For each evidence, when it is due.
    pub evidence: Vec<Tree>,
}

impl<'p> Conditions<'p> {
    /// Walks the document.
    #[must_use]
    pub fn of(policy: &'p Policy, attributes: &Attributes) -> Self {
        let mut tests = Vec::new();
        let mut walk = |condition: Option<&'p Condition>, scope: String| match condition {
            None => Tree::All(Vec::new()),
            Some(condition) => tree(condition, &scope, &mut 0, attributes, &mut tests),
        };
        let eligible = walk(policy.eligible.as_ref(), "eligible".to_owned());
        let mut rules = Vec::new();
        for rule in &policy.rules {
            let when = walk(rule.when.as_ref(), format!("rules/{}", rule.id));
            let awaits = rule.awaits.as_ref().map(|one| walk(Some(&one.tests), format!("rules/{}/await", rule.id)));
            rules.push((when, awaits));
        }
        let evidence = policy.evidence.iter().enumerate();
        let evidence = evidence.map(|(at, one)| walk(one.when.as_ref(), format!("evidence/{at}"))).collect();
        Self { tests, eligible, rules, evidence }
    }
}

fn tree<'p>(
    condition: &'p Condition,
    scope: &str,
    next: &mut usize,
    attributes: &Attributes,
    tests: &mut Vec<Test<'p>>,
) -> Tree {
    if condition.fact.is_some() {
        let id = condition.id.clone().unwrap_or_else(|| {
            *next += 1;
            format!("{scope}/{}", *next - 1)
        });
        tests.push(test(condition, id, attributes));
        return Tree::Test(tests.len() - 1);
    }
    // A group with a name of its own counts its nameless tests anew.
    let mut own = 0;
    let (scope, next) = match &condition.id {
        Some(id) => (id.as_str(), &mut own),
        None => (scope, next),
    };
    let mut each = |parts: &'p [Condition]| -> Vec<Tree> {
        parts.iter().map(|part| tree(part, scope, next, attributes, tests)).collect()
    };
    match (&condition.all, &condition.any, &condition.not) {
        (Some(parts), _, _) => Tree::All(each(parts)),
        (_, Some(parts), _) => Tree::Any(each(parts)),
        (_, _, Some(part)) => Tree::Not(Box::new(tree(part, scope, next, attributes, tests))),
        _ => panic!("a condition of nothing"),
    }
}

fn test<'p>(condition: &'p Condition, id: String, attributes: &Attributes) -> Test<'p> {
    let (fact, of) = FactRef::find(condition.fact.as_deref().unwrap(), attributes).unwrap();
    let mut roles = match (&fact.of, &condition.roles) {
        (Some(role), _) if fact.id != FactId::Attribute => vec![role.clone()],
        (_, Some(roles)) => roles.clone(),
        _ => Vec::new(),
    };
    roles.sort();
    roles.dedup();
    let on = condition.on.as_ref().map(|on| canonical(on, attributes));
    let key = format!("{} {roles:?} {on:?}", fact.name());
    Test { id, condition, fact, of, roles, key }
}

/// A date with the long names of its facts and nothing that moves it by nothing.
fn canonical(rule: &DateRule, attributes: &Attributes) -> String {
    match rule {
        DateRule::Text(text) => FactRef::find(text, attributes).map_or(text.clone(), |(fact, _)| fact.name()),
        DateRule::Object(object) => {
            let list = |rules: &Vec<DateRule>| rules.iter().map(|one| canonical(one, attributes)).collect::<Vec<_>>();
            let base = match (&object.after, &object.later_of, &object.earlier_of) {
                (Some(after), _, _) => canonical(after, attributes),
                (_, Some(rules), _) => format!("later {:?}", list(rules)),
                (_, _, rules) => format!("earlier {:?}", list(rules.as_ref().unwrap())),
            };
            let (months, days) = (object.months.unwrap_or(0), object.days.unwrap_or(0));
            match (months, days, object.business_day) {
                (0, 0, None) => base,
                moved => format!("({base}) {moved:?}"),
            }
        }
    }
}

impl Scene<'_> {
    /// What a test sees: one entry, or one for each borrower.
    pub fn see(&self, test: &Test<'_>) -> Vec<Seen> {
        use super::value::read;
        if let Some(json) = self.context.facts.get(&test.fact.name()) {
            return vec![Seen::reported(read(json, test.of, self.account.currency))];
        }
        let on: NaiveDate = match test.condition.on.as_ref().map(|on| self.moment(on, None)) {
            None | Some(Ok(Moment::NotYet)) => self.today(),
            Some(Ok(Moment::Day(day))) => day,
            Some(Ok(Moment::Nothing)) => return vec![Seen::Known(Value::Nothing)],
            Some(Err(gap)) => return vec![Seen::Unknown(gap)],
        };
        match test.fact.id {
            FactId::AreaRegion | FactId::AreaDesignation | FactId::AreaDesignations | FactId::AreaCountsFrom => {
                self.area(test.fact.id, &test.roles, on)
            }
            FactId::BorrowerWithoutIncome | FactId::BorrowerFlags => self.of_people(&test.fact),
            _ => vec![self.single(&test.fact, test.of, on)],
        }
    }

    /// Whether a test holds, over the borrowers.
    pub fn truth(&self, test: &Test<'_>, seen: &[Seen]) -> (Truth, Option<Gap>) {
        let every = test.condition.who == Some(Who::EveryParty);
        let each: Vec<Result<bool, Gap>> = seen.iter().map(|one| self.holds(test, one)).collect();
        let decides = !every;
        if each.contains(&Ok(decides)) {
            return (Some(decides), None);
        }
        match each.into_iter().find_map(Result::err) {
            Some(gap) => (None, Some(gap)),
            // Of no borrower at all nothing holds.
            None => (Some(every && !seen.is_empty()), None),
        }
    }

    fn holds(&self, test: &Test<'_>, seen: &Seen) -> Result<bool, Gap> {
        if let Some(wanted) = test.condition.known {
            let known = matches!(seen, Seen::Known(value) if !matches!(value, Value::Nothing | Value::NotYet));
            return Ok(known == wanted);
        }
        match seen {
            Seen::Known(value) => self.compares(test, value),
            Seen::Unknown(gap) => Err(gap.clone()),
            // What is missing could only make it better, or add to it.
            Seen::Partly(Value::Mark(least), gap) => {
                let all: Vec<_> = (*least..=3).map(|mark| self.compares(test, &Value::Mark(mark))).collect();
                if all.iter().all(|one| *one == all[0]) { all[0].clone() } else { Err(gap.clone()) }
            }
            Seen::Partly(value, gap) => match self.compares(test, value) {
                Ok(true) => Ok(true),
                _ => Err(gap.clone()),
            },
        }
    }

    /// A test of a known value.
    pub fn compares(&self, test: &Test<'_>, value: &Value) -> Result<bool, Gap> {
        let condition = test.condition;
        let against = |operand: &Operand| self.order(test.of, value, operand);
        let any = |operands: &[Operand]| {
            let all: Vec<Result<Option<Ordering>, Gap>> = operands.iter().map(against).collect();
            if all.contains(&Ok(Some(Ordering::Equal))) {
                return Ok(true);
            }
            all.into_iter().find_map(Result::err).map_or(Ok(false), Err)
        };
        let accepts = |operand: &Operand, accepted: &[Ordering]| {
            against(operand).map(|found| found.is_some_and(|found| accepted.contains(&found)))
        };
        use Ordering::{Equal, Greater, Less};
        if let Some(operand) = &condition.is {
            accepts(operand, &[Equal])
        } else if let Some(operand) = &condition.is_not {
            accepts(operand, &[Equal]).map(|same| !same)
        } else if let Some(operands) = &condition.is_in {
            any(operands)
        } else if let Some(operands) = &condition.not_in {
            any(operands).map(|found| !found)
        } else if let Some(operand) = &condition.at_least {
            accepts(operand, &[Equal, Greater])
        } else if let Some(operand) = &condition.at_most {
            accepts(operand, &[Equal, Less])
        } else if let Some(operand) = &condition.above {
            accepts(operand, &[Greater])
        } else if let Some(operand) = &condition.below {
            accepts(operand, &[Less])
        } else if let Some(within) = &condition.within {
            self.is_within(within, value)
        } else if let Some(names) = &condition.has {
            let Value::Names(own) = value else { return Ok(false) };
            Ok(names.as_slice().iter().any(|name| own.contains(name)))
        } else {
            let known = !matches!(value, Value::Nothing | Value::NotYet);
            Ok(Some(known) == condition.known)
        }
    }

    fn is_within(&self, within: &Within, value: &Value) -> Result<bool, Gap> {
        let areas = match within {
            Within::Region(code) => OneOrMany::One(code.clone()),
            Within::Regions(codes) => OneOrMany::Many(codes.clone()),
            Within::Window(window) => {
                return match value {
                    Value::Day(day) => Ok(self.days(Some(window))?.has(*day)),
                    Value::NotYet => self.days(Some(window)).map(|days| !days.empty && days.until.is_none()),
                    _ => Ok(false),
                };
            }
        };
        let Value::Region(region) = value else { return Ok(false) };
        let regions = RegionTree::builtin();
        let mut places = regions.resolve(*region, self.today());
        places.push(*region);
        Ok(areas.as_slice().iter().any(|code| {
            let area = regions.find(code).unwrap();
            places
                .iter()
                .any(|place| std::iter::successors(Some(*place), |at| regions.parent(*at)).any(|at| at == area))
        }))
    }

    /// Where a value stands to what it is compared with; none when there is nothing to compare.
    fn order(&self, of: FactType, value: &Value, operand: &Operand) -> Result<Option<Ordering>, Gap> {
        if of == FactType::Date {
            let rule = match operand {
                Operand::Text(text) => DateRule::Text(text.clone()),
                Operand::Date(object) => DateRule::Object(object.clone()),
                other => panic!("{other:?} is no date"),
            };
            let own = match value {
                Value::Day(day) => Moment::Day(*day),
                Value::NotYet => Moment::NotYet,
                _ => return Ok(None),
            };
            let other = self.moment(&rule, None)?;
            return Ok((other != Moment::Nothing).then(|| own.cmp(&other)));
        }
        Ok(match (value, operand) {
            (Value::Bool(a), Operand::Bool(b)) => Some(a.cmp(b)),
            (Value::Count(a), Operand::Int(b)) => Some(a.cmp(b)),
            (Value::Amount(a), Operand::Money(b)) if a.currency() != b.currency() => return Err(Gap::Absent),
            (Value::Amount(a), Operand::Money(b)) => Some(a.minor().cmp(&b.minor())),
            (Value::Rate(a), Operand::Text(b)) => Some(a.cmp(&b.parse().unwrap())),
            (Value::Name(a), Operand::Text(b)) => Some(a.cmp(b)),
            (Value::Gravity(a), Operand::Text(b)) => Some(a.cmp(&(rank(&SEVERITIES, b).unwrap() + 1))),
            (Value::Mark(a), Operand::Text(b)) => Some(a.cmp(&rank(&MARKS, b).unwrap())),
            (Value::Region(a), Operand::Text(b)) => {
                Some(if RegionTree::builtin().find(b) == Ok(*a) { Ordering::Equal } else { Ordering::Less })
            }
            _ => None,
        })
    }
}
