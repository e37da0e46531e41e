//! Conditions: trees of tests, each test of one fact by one operator.

use super::operand::Tested;
use super::{Compiler, each};
use crate::policy::document::{Condition, Operand, Who, Within};
use crate::policy::facts::{FactId, FactType, names};
use crate::policy::nearest::nearest;
use crate::policy::problem::{At, Problem};
use crate::policy::program::{Expr, Literal, Op, Slot, Test};
use crate::text::Text;

use super::date::Anchors;

const ROLES: [&str; 5] = ["home", "work", "business", "property", "id_card"];

/// Where a condition stands: its tests without an id are numbered under its name, and those without a message say that
/// of the group they are in.
pub(super) struct Scope<'d> {
    name: String,
    next: usize,
    message: Option<&'d Text>,
}

impl Compiler<'_> {
    /// A condition; left out, it always holds. Tests without an id are called `<scope>/0`, `<scope>/1` …
    pub(super) fn optional_condition(&mut self, condition: Option<&Condition>, at: &At, scope: &str) -> Option<Expr> {
        let Some(condition) = condition else { return Some(Expr::always()) };
        self.condition(condition, at, &mut Scope { name: scope.to_owned(), next: 0, message: None })
    }

    fn condition<'d>(&mut self, condition: &'d Condition, at: &At, scope: &mut Scope<'d>) -> Option<Expr> {
        self.text(condition.message.as_ref(), &at.key("message"));
        self.condition_id(condition, at);
        let forms = [
            ("all", condition.all.is_some()),
            ("any", condition.any.is_some()),
            ("not", condition.not.is_some()),
            ("fact", condition.fact.is_some()),
        ];
        let forms: Vec<&str> = forms.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
        match forms.as_slice() {
            ["fact"] => return self.test(condition, at, scope),
            [_] => self.only_groups(condition, at),
            [] => {
                let help = "give a \"fact\" and what it must be, or \"all\", \"any\" or \"not\"";
                self.report(Problem::error("condition-form", at, "the condition tests nothing").help(help));
            }
            several => {
                let message = format!("the condition is several things at once: {}", several.join(", "));
                let help = "put each into a condition of its own, inside one \"all\" or \"any\"";
                self.report(Problem::error("condition-form", at, message).help(help));
            }
        }
        // A group with an id names its tests; its message stands for those that have none.
        let message = condition.message.as_ref().or(scope.message);
        let mut own = Scope { name: condition.id.clone().unwrap_or_default(), next: 0, message };
        let named = condition.id.is_some();
        let outer = scope.message;
        let inner = if named { &mut own } else { &mut *scope };
        inner.message = message;
        let all = condition.all.as_ref().map(|parts| self.group(parts, "all", at, inner).map(Expr::All));
        let any = condition.any.as_ref().map(|parts| self.group(parts, "any", at, inner).map(Expr::Any));
        let not = condition.not.as_ref().map(|part| self.condition(part, &at.key("not"), inner));
        scope.message = outer;
        let [_] = forms.as_slice() else { return None };
        all.or(any).or(not.map(|part| part.map(|part| Expr::Not(Box::new(part)))))?
    }

    fn group<'d>(&mut self, parts: &'d [Condition], key: &str, at: &At, scope: &mut Scope<'d>) -> Option<Vec<Expr>> {
        let at = at.key(key);
        if parts.is_empty() && key == "any" {
            let problem = Problem::error("empty-any", &at, "none of nothing can hold, so this condition never does");
            self.report(problem.help("list the alternatives"));
            return None;
        }
        if parts.is_empty() {
            let problem = Problem::warning("empty-all", &at, "an empty `all` always holds");
            self.report(problem.help("list what has to hold, or leave the condition out"));
        }
        let compiled: Vec<Option<Expr>> =
            parts.iter().enumerate().map(|(index, part)| self.condition(part, &at.index(index), scope)).collect();
        compiled.into_iter().collect()
    }

    fn condition_id(&mut self, condition: &Condition, at: &At) {
        let Some(id) = &condition.id else { return };
        let at = at.key("id");
        self.id(id, &at);
        match self.condition_ids.get(id) {
            Some(first) => {
                let message = format!("another condition of this policy already has the id \"{id}\"");
                let problem = Problem::error("duplicate-id", &at, message).also(first, "here first");
                self.report(problem.help("give each condition an id of its own: reasons and coverage name it by it"));
            }
            None => {
                self.condition_ids.insert(id.clone(), at);
            }
        }
    }

    /// `all`, `any` and `not` take no keys of a test.
    fn only_groups(&mut self, condition: &Condition, at: &At) {
        let settings =
            [("roles", condition.roles.is_some()), ("on", condition.on.is_some()), ("who", condition.who.is_some())];
        let settings = settings.into_iter().filter_map(|(name, given)| given.then_some(name));
        for key in settings.chain(operators(condition)) {
            let message = format!("`{key}` belongs to a test, and here is no `fact`");
            let help = "move it into the test that it is meant for";
            self.report(Problem::error("key-out-of-place", &at.key(key), message).help(help).on_name());
        }
    }

    fn test<'d>(&mut self, condition: &'d Condition, at: &At, scope: &mut Scope<'d>) -> Option<Expr> {
        let id = condition.id.clone().unwrap_or_else(|| format!("{}/{}", scope.name, scope.next));
        if condition.id.is_none() {
            scope.next = scope.next.saturating_add(1);
        }
        let name = condition.fact.as_deref().unwrap_or_default();
        // The day is checked even when the fact is not known.
        let on = self.optional_date(condition.on.as_ref(), &at.key("on"), Anchors::Before);
        let (fact, of) = self.fact(name, &at.key("fact"))?;
        let tested = Tested { fact, of, name };
        let settings = self.settings(condition, &tested, at);
        let op = self.operation(condition, &tested, at);
        let (on, roles, op) = (on?, settings?, op?);
        let slot = self.slot(Slot { fact: tested.fact, of, on, roles });
        let message = condition.message.as_ref().or(scope.message).cloned();
        let who = condition.who.unwrap_or(Who::AnyParty);
        self.tests.push(Test { id, pointer: at.to_string(), message, slot, who, op });
        self.tests.len().checked_sub(1).map(Expr::Test)
    }

    /// What is read once stands once.
    fn slot(&mut self, slot: Slot) -> usize {
        self.slots.iter().position(|other| *other == slot).unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len().saturating_sub(1)
        })
    }

    /// Roles, day and persons: whether the fact takes them. Returns the roles.
    fn settings(&mut self, condition: &Condition, tested: &Tested<'_>, at: &At) -> Option<Vec<String>> {
        let name = tested.name;
        let entry = tested.fact.entry();
        if condition.on.is_some() && !entry.is_some_and(|fact| fact.dated) {
            let message = format!("`{name}` is not kept by day, so it cannot be taken `on` one");
            let problem = Problem::error("not-dated", &at.key("on"), message).on_name();
            self.report(problem.help("leave `on` out; `forbear facts` shows which facts take it"));
        }
        if condition.who.is_some() && !entry.is_some_and(|fact| fact.person) {
            let message = format!("`{name}` is not about a person, so `who` says nothing");
            let problem = Problem::error("not-a-person", &at.key("who"), message).on_name();
            self.report(problem.help("leave `who` out"));
        }
        if let Some(role) = &tested.fact.of
            && tested.fact.id != FactId::Attribute
        {
            self.role(role, &at.key("fact"));
        }
        let over_roles =
            tested.fact.of.is_none() && matches!(tested.fact.id, FactId::AreaDesignation | FactId::AreaDesignations);
        match &condition.roles {
            None if over_roles => {
                let message = format!("`{name}` is the best over several addresses: it does not say which");
                let help = "add \"roles\", such as [\"home\", \"work\"]";
                self.report(Problem::error("roles-missing", &at.key("fact"), message).help(help));
                None
            }
            None => Some(Vec::new()),
            Some(_) if !over_roles => {
                let message = format!("`{name}` takes no `roles`");
                let help =
                    "leave them out; only `area.designation` and `area.designations` are taken over several addresses";
                self.report(Problem::error("roles-out-of-place", &at.key("roles"), message).help(help).on_name());
                None
            }
            Some(roles) => {
                self.list(roles, "role", &at.key("roles"));
                for (index, role) in roles.iter().enumerate() {
                    self.role(role, &at.key("roles").index(index));
                }
                let mut roles = roles.clone();
                roles.sort_unstable();
                roles.dedup();
                (!roles.is_empty()).then_some(roles)
            }
        }
    }

    /// Lenders have roles of their own, so a strange one is no error; one that is a slip of a known one gets a word.
    fn role(&mut self, role: &str, at: &At) {
        if ROLES.contains(&role) {
            return;
        }
        if let Some(known) = ROLES.into_iter().find(|known| strsim::damerau_levenshtein(role, known) == 1) {
            let problem = Problem::warning("unusual-role", at, format!("\"{role}\" is not one of the usual addresses"));
            self.report(problem.help(format!("did you mean `{known}`? If it is the lender's own role, all is well")));
        }
    }

    pub(super) fn unknown_fact(&mut self, name: &str, at: &At) {
        let names = names(self.attributes);
        let own = name.starts_with("attributes.");
        let help = near_fact(name, &names).map(|known| format!("did you mean `{known}`?"));
        let group = name.split_once('.').map_or(name, |(group, _)| group);
        let same: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|known| known.split_once('.').is_some_and(|(own, _)| own == group))
            .collect();
        let otherwise = match same.as_slice() {
            [] if own => "no attributes are known: give their types with --attributes FILE".to_owned(),
            [] => "`forbear facts` lists all facts".to_owned(),
            few if few.len() <= 6 => {
                format!("under `{group}.` there are {}; `forbear facts` lists all", few.join(", "))
            }
            _ => format!("`forbear facts` lists those under `{group}.`, and all others"),
        };
        let problem = Problem::error("unknown-fact", at, format!("there is no fact called `{name}`"));
        self.report(problem.help(otherwise).maybe_help(help));
    }

    fn operation(&mut self, condition: &Condition, tested: &Tested<'_>, at: &At) -> Option<Op> {
        let given = operators(condition);
        let allowed = allowed(tested.of);
        let [operator] = given.as_slice() else {
            let (message, help) = match given.as_slice() {
                [] => (
                    format!("the test does not say what `{}` has to be", tested.name),
                    format!("add one of {}", allowed.join(", ")),
                ),
                several => (
                    format!("the test compares twice: {}", several.join(", ")),
                    "write one test for each, inside an \"all\"".to_owned(),
                ),
            };
            self.report(Problem::error("operator-count", at, message).help(help));
            return None;
        };
        if !allowed.contains(operator) {
            let message = format!("`{operator}` does not fit `{}`, which is {}", tested.name, tested.of.describe());
            let help = format!("use one of {}", allowed.join(", "));
            self.report(Problem::error("operator-type", &at.key(operator), message).help(help).on_name());
            return None;
        }
        let at = at.key(operator);
        match *operator {
            "is" => self.one(condition.is.as_ref(), tested, &at).map(Op::Is),
            "is_not" => self.one(condition.is_not.as_ref(), tested, &at).map(Op::IsNot),
            "in" => self.several(condition.is_in.as_deref(), tested, &at).map(Op::In),
            "not_in" => self.several(condition.not_in.as_deref(), tested, &at).map(Op::NotIn),
            "at_least" => self.one(condition.at_least.as_ref(), tested, &at).map(Op::AtLeast),
            "at_most" => self.one(condition.at_most.as_ref(), tested, &at).map(Op::AtMost),
            "above" => self.one(condition.above.as_ref(), tested, &at).map(Op::Above),
            "below" => self.one(condition.below.as_ref(), tested, &at).map(Op::Below),
            "within" => self.within(condition.within.as_ref()?, tested, &at),
            "has" => {
                let wanted = condition.has.as_ref()?;
                self.list(wanted.as_slice(), "name", &at);
                let FactType::Names(names) = tested.of else { return None };
                let many = wanted.as_slice().len() > 1 || matches!(wanted, crate::policy::document::OneOrMany::Many(_));
                let found = each(wanted.as_slice(), |index, name| {
                    let at = if many { at.index(index) } else { at.clone() };
                    self.name(name, names, tested, &at)
                });
                found.filter(|found| !found.is_empty()).map(Op::Has)
            }
            _ => condition.known.map(Op::Known),
        }
    }

    fn one(&mut self, operand: Option<&Operand>, tested: &Tested<'_>, at: &At) -> Option<Literal> {
        self.literal(operand?, tested, at)
    }

    fn several(&mut self, operands: Option<&[Operand]>, tested: &Tested<'_>, at: &At) -> Option<Vec<Literal>> {
        let operands = operands?;
        self.list(operands, "value", at);
        each(operands, |index, operand| self.literal(operand, tested, &at.index(index))).filter(|all| !all.is_empty())
    }

    fn within(&mut self, within: &Within, tested: &Tested<'_>, at: &At) -> Option<Op> {
        match (tested.of, within) {
            (FactType::Region, Within::Region(code)) => {
                self.region(code, at).map(|region| Op::WithinRegions(vec![region]))
            }
            (FactType::Region, Within::Regions(codes)) => {
                self.list(codes, "region", at);
                let found = each(codes, |index, code| self.region(code, &at.index(index)));
                found.filter(|found| !found.is_empty()).map(Op::WithinRegions)
            }
            (FactType::Date, Within::Window(window)) => {
                self.window(Some(window), at, Anchors::Before).map(Op::WithinWindow)
            }
            (FactType::Date, _) => {
                let message = format!("`{}` is a date; this is a region", tested.name);
                let help = "write a window such as {\"from\": \"incident_start\", \"until\": \"incident_end\"}";
                self.report(Problem::error("wrong-type", at, message).help(help));
                None
            }
            _ => {
                let message = format!("`{}` is a region; this is a window of days", tested.name);
                let help = "write a region code such as \"CN-410100\", or a list of them";
                self.report(Problem::error("wrong-type", at, message).help(help));
                None
            }
        }
    }
}

/// The fact that was most likely meant. Group and name are compared apart, since a group says a lot: the right name in
/// the wrong group is near, another name in the right group is not.
fn near_fact<'n>(name: &str, names: &'n [String]) -> Option<&'n str> {
    let split = |name: &'n str| name.rsplit_once('.').unwrap_or(("", name));
    let (group, leaf) = name.rsplit_once('.').unwrap_or(("", name));
    let attribute = |known: &str| known.starts_with("attributes.");
    let all = names.iter().map(String::as_str).filter(|known| attribute(known) == attribute(name));
    let all: Vec<(&str, &str, &str)> = all.map(|known| (split(known).0, split(known).1, known)).collect();
    let near_leaf = |group: Option<&str>| {
        let own = all.iter().filter(|(other, ..)| group.is_none_or(|group| group == *other));
        let own: Vec<&(&str, &str, &str)> = own.collect();
        let near = nearest(leaf, own.iter().map(|(_, leaf, _)| *leaf))?;
        own.iter().find(|(_, leaf, _)| *leaf == near).map(|(.., known)| *known)
    };
    let near_group = nearest(group, all.iter().map(|(group, ..)| *group));
    near_group.and_then(|group| near_leaf(Some(group))).or_else(|| near_leaf(None))
}

fn operators(condition: &Condition) -> Vec<&'static str> {
    let given = [
        ("is", condition.is.is_some()),
        ("is_not", condition.is_not.is_some()),
        ("in", condition.is_in.is_some()),
        ("not_in", condition.not_in.is_some()),
        ("at_least", condition.at_least.is_some()),
        ("at_most", condition.at_most.is_some()),
        ("above", condition.above.is_some()),
        ("below", condition.below.is_some()),
        ("within", condition.within.is_some()),
        ("has", condition.has.is_some()),
        ("known", condition.known.is_some()),
    ];
    given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect()
}

/// The operators that fit a type.
fn allowed(of: FactType) -> &'static [&'static str] {
    match of {
        FactType::Bool => &["is", "is_not", "known"],
        FactType::Names(_) => &["has", "known"],
        FactType::Name(_) => &["is", "is_not", "in", "not_in", "known"],
        FactType::Region => &["within", "is", "is_not", "in", "not_in", "known"],
        FactType::Date => &["is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below", "within", "known"],
        FactType::Count(_) | FactType::Amount | FactType::Rate | FactType::Severity | FactType::Designation => {
            &["is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below", "known"]
        }
    }
}
