//! What stands at the head of a policy: its name, sources, days and disasters.

use std::collections::BTreeMap;

use super::Compiler;
use crate::policy::document::{Disaster, Policy};
use crate::policy::problem::{At, Problem};
use crate::policy::program::DisasterFilter;

/// Whether a name has the form of a slug: lower-case words joined by hyphens.
fn is_slug(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.split('-').all(is_word)
}

/// A name as a slug, when it has any letter or digit.
pub(in crate::policy) fn to_slug(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    (!slug.is_empty()).then_some(slug)
}

impl Compiler<'_> {
    pub(super) fn head(&mut self, document: &Policy) {
        let root = At::root();
        if !is_slug(&document.policy) {
            let message = format!("the name \"{}\" is not lower-case words joined by hyphens", document.policy);
            let help = to_slug(&document.policy).map(|slug| format!("write \"{slug}\""));
            self.report(Problem::error("bad-slug", &root.key("policy"), message).maybe_help(help));
        }
        if document.version == 0 {
            self.report(Problem::error("bad-version", &root.key("version"), "versions count from 1"));
        }
        self.text(Some(&document.title), &root.key("title"));
        self.text(document.summary.as_ref(), &root.key("summary"));
        if document.owner.trim().is_empty() {
            let help = "name the team that answers for the policy";
            self.report(Problem::error("no-owner", &root.key("owner"), "nobody owns the policy").help(help));
        }
        for (index, source) in document.sources.iter().enumerate() {
            let at = root.key("sources").index(index);
            if source.cite.trim().is_empty() {
                let help = "write what it is called, with its number and date";
                self.report(Problem::error("empty-cite", &at.key("cite"), "the source has no name").help(help));
            }
            if let Some(url) = source.url.as_deref() {
                self.url(url, &at.key("url"));
            }
        }
        let effective = &document.effective;
        if let Some(until) = effective.until.filter(|until| *until < effective.from) {
            let at = root.key("effective");
            let message = format!("the policy ends on {until}, before it begins on {}", effective.from);
            let problem = Problem::error("ends-before-it-begins", &at.key("until"), message);
            self.report(problem.help("both days are included").also(&at.key("from"), "it begins here"));
        }
        self.unique_ids(document);
    }

    fn url(&mut self, url: &str, at: &At) {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let good = rest.is_some_and(|rest| !rest.starts_with(['/', '.']) && !rest.is_empty());
        if !good || url.contains(char::is_whitespace) {
            let message = format!("\"{url}\" is not a web address");
            self.report(Problem::error("bad-url", at, message).help("write one that starts with https://"));
        }
    }

    /// Ids of rules and of benefits, each unique in the policy.
    fn unique_ids(&mut self, document: &Policy) {
        let mut rules: BTreeMap<&str, At> = BTreeMap::new();
        let mut benefits: BTreeMap<&str, At> = BTreeMap::new();
        for (index, rule) in document.rules.iter().enumerate() {
            let at = At::root().key("rules").index(index);
            self.unique(&mut rules, &rule.id, "rule", &at.key("id"));
            for (index, benefit) in rule.benefits.iter().enumerate() {
                let at = at.key("benefits").index(index).key("id");
                self.unique(&mut benefits, &benefit.id, "benefit", &at);
            }
        }
    }

    fn unique<'d>(&mut self, seen: &mut BTreeMap<&'d str, At>, id: &'d str, what: &str, at: &At) {
        self.id(id, at);
        match seen.get(id) {
            Some(first) => {
                let message = format!("another {what} of this policy already has the id \"{id}\"");
                let problem = Problem::error("duplicate-id", at, message).also(first, "here first");
                self.report(problem.help(format!("give each {what} an id of its own: receipts name it by it")));
            }
            None => {
                seen.insert(id, at.clone());
            }
        }
    }

    pub(super) fn disaster(&mut self, disaster: Option<&Disaster>, at: &At) -> DisasterFilter {
        let Some(disaster) = disaster else { return DisasterFilter::default() };
        if let Some(kinds) = &disaster.kinds {
            self.list(kinds, "kind of disaster", &at.key("kinds"));
        }
        if let Some(declarations) = &disaster.declarations {
            self.list(declarations, "declaration", &at.key("declarations"));
        }
        if let Some(events) = &disaster.events {
            self.list(events, "event", &at.key("events"));
        }
        DisasterFilter {
            kinds: disaster.kinds.clone(),
            severity: disaster.severity.as_ref().map(|bound| bound.at_least),
            declarations: disaster.declarations.clone(),
            events: disaster.events.clone(),
        }
    }
}
