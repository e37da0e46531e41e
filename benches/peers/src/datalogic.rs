//! datalogic-rs: JSONLogic, compiled once, evaluated in an arena that is reset after each account.

use anyhow::{Context, Result, anyhow};
use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{DataValue, Engine, Logic, ParsedData};

use crate::book::Entry;
use crate::peer::{Form, Peer};
use crate::policy::{self, Answer, Ask};

/// Without a floor: x − x % 10 is a multiple of ten.
const MONEY: [&str; 3] = [
    r#"{"+": [$RULE, {"min": [{"var": "fee_unpaid"}, 50000]}]}"#,
    r#"{"+": [$RULE, {"min": [{"/": [{"-": [{"+": [{"*": [{"var": "fee"}, 8]}, 5]}, {"%": [{"+": [{"*": [{"var": "fee"}, 8]}, 5]}, 10]}]}, 10]}, {"var": "fee_unpaid"}, 30000]}]}"#,
    r#"{"+": [$RULE, {"min": [{"/": [{"-": [{"+": [{"var": "fee"}, 1]}, {"%": [{"+": [{"var": "fee"}, 1]}, 2]}]}, 2]}, {"var": "fee_unpaid"}, 20000]}]}"#,
];

pub struct Datalogic<'a> {
    engine: Engine,
    logic: Logic,
    records: Vec<ParsedData>,
    texts: Vec<&'a str>,
}

impl<'a> Datalogic<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask) -> Result<Self> {
        let template = include_str!("../policies/policy.jsonlogic.json");
        // Numbers and lists stand in quotes in the template, so that it is JSON.
        let template = template.replace("\"$AREAS\"", "[$AREAS]");
        let bare = ["$1", "$2", "$3", "$WINDOW_FROM", "$WINDOW_UNTIL"]
            .iter()
            .fold(template, |text, place| text.replace(&format!("\"{place}\""), place));
        let engine = Engine::new();
        let logic = engine.compile(policy::text(&bare, ask, MONEY)?.as_str()).map_err(|error| anyhow!("{error}"))?;
        let texts: Vec<&str> = book.iter().map(|entry| entry.flat).collect();
        let records = texts.iter().map(|text| ParsedData::from_json(text).map_err(|error| anyhow!("{error}")));
        Ok(Self { engine, logic, records: records.collect::<Result<_>>()?, texts })
    }
}

fn answer(value: &DataValue<'_>) -> Result<Answer> {
    Answer::from_number(value.as_i64().context("not a whole number")?)
}

impl Peer for Datalogic<'_> {
    fn name(&self) -> String {
        "datalogic-rs".to_owned()
    }

    fn can(&self, _: Form) -> bool {
        true
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        let mut session = self.engine.session();
        match form {
            Form::Loaded => {
                for record in &self.records {
                    let value = session.eval_borrowed(&self.logic, record).map_err(|error| anyhow!("{error}"))?;
                    answers.push(answer(value)?);
                    session.reset();
                }
            }
            Form::Text => {
                for text in &self.texts {
                    let value = session.eval_borrowed(&self.logic, *text).map_err(|error| anyhow!("{error}"))?;
                    answers.push(answer(value)?);
                    session.reset();
                }
            }
            Form::Traced => {
                let traced = self.engine.trace();
                for record in &self.records {
                    let arena = Bump::new();
                    let run = traced.eval_borrowed(&self.logic, record, &arena);
                    answers.push(answer(run.result.map_err(|error| anyhow!("{error}"))?)?);
                    std::hint::black_box(&run.steps);
                }
            }
        }
        Ok(())
    }
}
