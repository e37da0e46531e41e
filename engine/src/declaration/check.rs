//! What is wrong with a declaration, each problem with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use super::{Area, Declaration, Designation, MOST_MARKS};
use crate::region::RegionTree;

/// Something wrong in a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer (RFC 6901) into the document.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// The walk through one document.
struct Check<'a> {
    tree: &'a RegionTree,
    problems: Vec<Problem>,
    /// The areas designated so far, with the place that designated them.
    standing: BTreeMap<&'a str, String>,
}

impl Declaration {
    /// All problems of the document, in its order; none if it can be used.
    #[must_use]
    pub fn validate(&self, tree: &RegionTree) -> Vec<Problem> {
        let mut check = Check { tree, problems: Vec::new(), standing: BTreeMap::new() };
        check.slug("/declaration", &self.declaration);
        check.slug("/event", &self.event);
        check.end("/incident/end", self.incident.start, self.incident.end);
        if self.areas.is_empty() && self.amendments.iter().all(|amendment| amendment.add.is_empty()) {
            check.report("/areas", "no area is designated: name at least one".into());
        }
        for (at, area) in self.areas.iter().enumerate() {
            check.add(format!("/areas/{at}"), area);
        }
        let added = self.amendments.iter().flat_map(|amendment| &amendment.add);
        let programmes: BTreeSet<&String> = self.areas.iter().chain(added).flat_map(|area| &area.programmes).collect();
        // `designated` and the designations count too.
        let most = MOST_MARKS.saturating_sub(1).saturating_sub(Designation::ALL.len());
        if programmes.len() > most {
            let message = format!("the areas name {} programmes: at most {most} can be told apart", programmes.len());
            check.report("/areas", message);
        }
        check.amendments(self);
        check.problems
    }
}

impl<'a> Check<'a> {
    fn report(&mut self, pointer: &str, message: String) {
        self.problems.push(Problem { pointer: pointer.into(), message });
    }

    fn slug(&mut self, pointer: &str, slug: &str) {
        let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if slug.is_empty() || !slug.chars().all(right) {
            self.report(pointer, format!("\"{slug}\" is not a slug: use small letters, digits and hyphens"));
        }
    }

    fn end(&mut self, pointer: &str, start: NaiveDate, end: Option<NaiveDate>) {
        if let Some(end) = end.filter(|end| *end < start) {
            self.report(pointer, format!("the incident period ends on {end}, before it starts on {start}"));
        }
    }

    fn add(&mut self, pointer: String, area: &'a Area) {
        if let Err(unknown) = self.tree.find(&area.region) {
            self.report(&format!("{pointer}/region"), unknown.to_string());
        }
        if let Some(first) = self.standing.get(area.region.as_str()) {
            let message = format!(
                "{} is designated already, at {first}; to change it, remove it in the same amendment",
                area.region
            );
            self.report(&format!("{pointer}/region"), message);
        } else {
            self.standing.insert(&area.region, pointer);
        }
    }

    fn amendments(&mut self, declaration: &'a Declaration) {
        let mut last = declaration.declared_on;
        for (at, (amendment, number)) in declaration.amendments.iter().zip(1_u32..).enumerate() {
            let place = format!("/amendments/{at}");
            if amendment.number != number {
                let message =
                    format!("amendment {} stands where {number} is due: number them 1, 2, 3 …", amendment.number);
                self.report(&format!("{place}/number"), message);
            }
            if amendment.on < last {
                let message = format!("{} is before {last}: put amendments in the order of their days", amendment.on);
                self.report(&format!("{place}/on"), message);
            }
            last = last.max(amendment.on);
            for (index, code) in amendment.remove.iter().enumerate() {
                if self.standing.remove(code.as_str()).is_none() {
                    let message = format!("{code} is not designated at this point, so it cannot be removed");
                    self.report(&format!("{place}/remove/{index}"), message);
                }
            }
            for (index, area) in amendment.add.iter().enumerate() {
                self.add(format!("{place}/add/{index}"), area);
            }
            let end = amendment.incident_end.and_then(super::IncidentEnd::day);
            self.end(&format!("{place}/incident_end"), declaration.incident.start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let text = r#"{"declaration": "D 1", "event": "e", "kind": "flood", "title": {}, "declared_on": "2021-07-21",
            "incident": {"start": "2021-07-17", "end": "2021-07-16"},
            "areas": [{"region": "410105"}, {"region": "CN-410105"}, {"region": "CN-410105"}],
            "amendments": [{"number": 2, "on": "2021-07-01", "remove": ["CN-410100"], "incident_end": "2021-01-01"}]}"#;
        let problems = serde_json::from_str::<Declaration>(text).unwrap().validate(RegionTree::builtin());
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        /declaration: "D 1" is not a slug: use small letters, digits and hyphens
        /incident/end: the incident period ends on 2021-07-16, before it starts on 2021-07-17
        /areas/0/region: no region has the code "410105"; the nearest is "CN-410105" (河南省郑州市金水区)
        /areas/2/region: CN-410105 is designated already, at /areas/1; to change it, remove it in the same amendment
        /amendments/0/number: amendment 2 stands where 1 is due: number them 1, 2, 3 …
        /amendments/0/on: 2021-07-01 is before 2021-07-21: put amendments in the order of their days
        /amendments/0/remove/0: CN-410100 is not designated at this point, so it cannot be removed
        /amendments/0/incident_end: the incident period ends on 2021-01-01, before it starts on 2021-07-17
        "#);
    }

    #[test]
    fn what_does_not_fit_the_form_is_refused_with_advice() {
        let whole = |part: &str| {
            format!(
                r#"{{"declaration": "d", "event": "e", "kind": "flood", "title": {{}}, "declared_on": "2021-07-21",
                "incident": {{"start": "2021-07-17"}}, "areas": [], {part}}}"#
            )
        };
        for (part, advice) in [
            (r#""amendments": [{"number": 1, "on": "2021-07-22", "incident_end": "soon"}]"#, "neither a day"),
            (r#""amendments": [{"number": 1, "on": "2021-07-22", "delete": []}]"#, "unknown field `delete`"),
            (r#""severity": "V""#, "unknown variant `V`"),
            (r#""area": []"#, "unknown field `area`"),
        ] {
            let error = serde_json::from_str::<Declaration>(&whole(part)).unwrap_err().to_string();
            assert!(error.contains(advice), "{error}");
        }
        let document: Declaration = serde_json::from_str(&whole(r#""severity": "II""#)).unwrap();
        let again: Declaration = serde_json::from_str(&serde_json::to_string(&document).unwrap()).unwrap();
        assert_eq!(again, document);
    }
}
