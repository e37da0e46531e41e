//! regorus: Rego, compiled to the program of its virtual machine; the machine is kept between accounts.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use crate::book::Entry;
use crate::peer::{Form, Peer};
use crate::policy::{self, AREAS, Answer, Ask};

const ENTRY: &str = "data.relief.answer";

const MONEY: [&str; 3] = [
    "$RULE + min([input.fee_unpaid, 50000])",
    "$RULE + min([floor(((input.fee * 8) + 5) / 10), input.fee_unpaid, 30000])",
    "$RULE + min([floor((input.fee + 1) / 2), input.fee_unpaid, 20000])",
];

pub struct Rego<'a> {
    machine: RegoVM,
    records: Vec<Value>,
    texts: Vec<&'a str>,
}

impl<'a> Rego<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask) -> Result<Self> {
        let mut engine = Engine::new();
        engine
            .add_policy("policy.rego".to_owned(), policy::text(include_str!("../policies/policy.rego"), ask, MONEY)?)?;
        // The keys of an object are found by comparison in a tree.
        let areas: BTreeMap<&str, bool> = AREAS.iter().map(|area| (*area, true)).collect();
        let data = Value::from_json_str(&serde_json::json!({ "areas": areas }).to_string())?;
        engine.add_data(data.clone())?;
        let compiled = engine.compile_with_entrypoint(&ENTRY.into())?;
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY]).map_err(|error| anyhow!("{error}"))?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_data(data).map_err(|error| anyhow!("{error}"))?;
        let texts: Vec<&str> = book.iter().map(|entry| entry.flat).collect();
        let records = texts.iter().map(|text| Value::from_json_str(text)).collect::<Result<_>>()?;
        Ok(Self { machine, records, texts })
    }

    fn answer(&mut self, input: Value) -> Result<Answer> {
        self.machine.set_input(input);
        let value = self.machine.execute().map_err(|error| anyhow!("{error}"))?;
        Answer::from_number(value.as_i64()?)
    }
}

impl Peer for Rego<'_> {
    fn name(&self) -> String {
        "regorus".to_owned()
    }

    fn can(&self, form: Form) -> bool {
        form != Form::Traced
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        for at in 0..self.texts.len() {
            let input =
                if form == Form::Loaded { self.records[at].clone() } else { Value::from_json_str(self.texts[at])? };
            answers.push(self.answer(input)?);
        }
        Ok(())
    }
}
