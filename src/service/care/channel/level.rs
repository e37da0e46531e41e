//! Response levels by a table: which facts make which level. The shipped one is China's; a lender may set its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use forbear_engine::declaration::{Severity, Source};
use forbear_engine::text::Text;
use serde::{Deserialize, Serialize};

use crate::service::{Problem, Served, ServiceError};

/// A table of response levels.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseTable {
    /// What it is called.
    pub title: Text,
    /// What it was written from.
    pub sources: Vec<Source>,
    /// The facts that it knows, whole numbers, each with what it counts.
    pub facts: BTreeMap<String, Text>,
    /// The levels, the gravest first.
    pub levels: Vec<LevelRow>,
}

/// A level with what makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRow {
    /// The level.
    pub level: Severity,
    /// Where its figures were read, and which could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
    /// Any of these makes it.
    pub any: Vec<Bound>,
}

/// A fact and the number from which it makes a level, the number included (以上含本数).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The fact.
    pub fact: String,
    /// The number.
    pub at_least: u64,
}

/// What is known of a disaster, by the names of the table's facts.
pub type Facts = BTreeMap<String, u64>;

static SHIPPED: LazyLock<ResponseTable> = LazyLock::new(|| {
    let text = include_str!("../../../../response/cn-2024-11.json");
    ResponseTable::read(text).unwrap_or_default()
});

impl ResponseTable {
    /// The table of 国办函〔2024〕11号.
    #[must_use]
    pub fn shipped() -> Self {
        SHIPPED.clone()
    }

    /// Reads a table.
    ///
    /// # Errors
    /// It has another form, does not name all four levels in order, or bounds what it does not know.
    pub fn read(text: &str) -> Result<Self, String> {
        let table: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let levels: Vec<Severity> = table.levels.iter().map(|row| row.level).collect();
        if levels != Severity::ALL {
            return Err("/levels: name I, II, III and IV once each, in this order".to_owned());
        }
        let mut least: BTreeMap<&str, u64> = BTreeMap::new();
        for (at, row) in table.levels.iter().enumerate() {
            let mut own = BTreeSet::new();
            for (place, bound) in row.any.iter().enumerate() {
                let pointer = format!("/levels/{at}/any/{place}");
                if !table.facts.contains_key(&bound.fact) || !own.insert(&bound.fact) {
                    return Err(format!("{pointer}/fact: {} is none of /facts, or stands twice", bound.fact));
                }
                let graver = least.insert(&bound.fact, bound.at_least);
                if bound.at_least == 0 || graver.is_some_and(|graver| graver <= bound.at_least) {
                    return Err(format!("{pointer}/at_least: more than 0, and less than for a graver level"));
                }
            }
        }
        Ok(table)
    }

    /// The gravest level that facts make; none when they make no level.
    ///
    /// # Errors
    /// A fact is none of the table's.
    pub fn level(&self, facts: &Facts) -> Served<Option<Severity>> {
        let known: Vec<&str> = self.facts.keys().map(String::as_str).collect();
        let unknown = facts.keys().filter(|fact| !self.facts.contains_key(*fact)).map(|fact| Problem {
            pointer: format!("/facts/{}", fact.replace('~', "~0").replace('/', "~1")),
            message: format!("the table of response levels knows {}", known.join(", ")),
        });
        let unknown: Vec<Problem> = unknown.collect();
        if !unknown.is_empty() {
            return Err(ServiceError::Invalid(unknown));
        }
        let reached = |bound: &Bound| facts.get(&bound.fact).is_some_and(|fact| *fact >= bound.at_least);
        Ok(self.levels.iter().find(|row| row.any.iter().any(reached)).map(|row| row.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(fact: &str, number: u64) -> Option<&'static str> {
        let facts = Facts::from([(fact.to_owned(), number)]);
        ResponseTable::shipped().level(&facts).unwrap().map(Severity::name)
    }

    #[test]
    fn the_number_itself_belongs_to_the_level() {
        let deaths = |number| level("deaths_and_missing", number);
        assert_eq!(
            [0, 19, 20, 49, 50, 99, 100, 199, 200, 5_000].map(deaths),
            [
                None,
                None,
                Some("IV"),
                Some("IV"),
                Some("III"),
                Some("III"),
                Some("II"),
                Some("II"),
                Some("I"),
                Some("I")
            ]
        );
        assert_eq!(level("relocated_or_in_need", 2_000_000), Some("I"));
        assert_eq!(level("relocated_or_in_need", 1_999_999), Some("II"));
        assert_eq!(level("rooms_destroyed", 300_000), Some("I"));
        assert_eq!(level("households_destroyed", 100_000), Some("I"));
        assert_eq!((level("drought_percent", 30), level("drought_percent", 29)), (Some("I"), Some("II")));
        assert_eq!(level("drought_people", 4_000_000), Some("I"));
        // The gravest of several counts.
        let facts = Facts::from([("deaths_and_missing".to_owned(), 21), ("households_destroyed".to_owned(), 70_000)]);
        assert_eq!(ResponseTable::shipped().level(&facts).unwrap(), Some(Severity::II));
        let facts = Facts::from([("deaths".to_owned(), 21)]);
        let error = ResponseTable::shipped().level(&facts).unwrap_err().to_string();
        assert!(error.starts_with("/facts/deaths: the table of response levels knows deaths_and_missing, "), "{error}");
    }

    #[test]
    fn a_table_that_cannot_be_right_is_refused_with_its_place() {
        let shipped = include_str!("../../../../response/cn-2024-11.json");
        assert_eq!(ResponseTable::read(shipped).unwrap(), ResponseTable::shipped());
        let with = |from: &str, to: &str| ResponseTable::read(&shipped.replacen(from, to, 1)).unwrap_err();
        assert!(with("\"level\": \"I\"", "\"level\": \"II\"").starts_with("/levels: "));
        assert!(
            with("\"fact\": \"rooms_destroyed\"", "\"fact\": \"rooms\"")
                .starts_with("/levels/0/any/2/fact: rooms is none")
        );
        assert!(with("\"at_least\": 200}", "\"at_least\": 100}").starts_with("/levels/1/any/0/at_least: "));
        assert!(with("\"at_least\": 15}", "\"at_least\": 0}").starts_with("/levels/3/any/5/at_least: "));
        assert!(with("\"facts\"", "\"fact\"").contains("unknown field `fact`"));
    }
}
