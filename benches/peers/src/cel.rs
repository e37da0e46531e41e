//! cel: one expression, compiled once; the facts are variables of a context.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use cel::{Context, Env, Program, Value};

use crate::book::{Entry, Flat};
use crate::peer::{Form, Peer};
use crate::policy::{self, AREAS, Answer, Ask};

/// Division of whole numbers cuts off; the least of several is written out.
const MONEY: [&str; 3] = [
    "$RULE + (fee_unpaid < 50000 ? fee_unpaid : 50000)",
    "$RULE + ((fee * 8 + 5) / 10 < fee_unpaid ? ((fee * 8 + 5) / 10 < 30000 ? (fee * 8 + 5) / 10 : 30000) : (fee_unpaid < 30000 ? fee_unpaid : 30000))",
    "$RULE + ((fee + 1) / 2 < fee_unpaid ? ((fee + 1) / 2 < 20000 ? (fee + 1) / 2 : 20000) : (fee_unpaid < 20000 ? fee_unpaid : 20000))",
];

pub struct Cel<'a> {
    env: Arc<Env>,
    program: Program,
    areas: Value,
    contexts: Vec<Context<'static, 'static>>,
    texts: Vec<&'a str>,
}

impl<'a> Cel<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask) -> Result<Self> {
        let env = Arc::new(Env::stdlib());
        let text = policy::text(include_str!("../policies/policy.cel"), ask, MONEY)?;
        let program = env.compile(&text).map_err(|error| anyhow!("{error}"))?;
        // The keys of a map are found by their hash; a list would be walked.
        let areas = Value::from(AREAS.iter().map(|area| (area.to_string(), true)).collect::<HashMap<_, _>>());
        let mut contexts = Vec::new();
        for entry in book {
            contexts.push(context(&env, &areas, &entry.record()?));
        }
        Ok(Self { env, program, areas, contexts, texts: book.iter().map(|entry| entry.flat).collect() })
    }
}

fn context(env: &Arc<Env>, areas: &Value, flat: &Flat<'_>) -> Context<'static, 'static> {
    let mut context = Context::with_env(Arc::clone(env));
    context.add_variable_from_value("areas", areas.clone());
    context.add_variable_from_value("kind", flat.kind);
    context.add_variable_from_value("severity", flat.severity);
    context.add_variable_from_value("status", flat.status);
    context.add_variable_from_value("product", flat.product);
    context.add_variable_from_value("disbursed_on", flat.disbursed_on);
    context.add_variable_from_value("prefecture", flat.prefecture);
    context.add_variable_from_value("days_past_due", flat.days_past_due);
    context.add_variable_from_value("arrangements", flat.arrangements.clone());
    context.add_variable_from_value("flags", flat.flags.clone());
    context.add_variable_from_value("principal", flat.principal);
    context.add_variable_from_value("rate", flat.rate);
    context.add_variable_from_value("fee", flat.fee);
    context.add_variable_from_value("fee_unpaid", flat.fee_unpaid);
    context
}

fn answer(program: &Program, context: &Context<'_, '_>) -> Result<Answer> {
    match program.execute(context).map_err(|error| anyhow!("{error}"))? {
        Value::Int(number) => Answer::from_number(number),
        other => bail!("not a whole number: {other:?}"),
    }
}

impl Peer for Cel<'_> {
    fn name(&self) -> String {
        "cel".to_owned()
    }

    fn can(&self, form: Form) -> bool {
        form != Form::Traced
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        if form == Form::Loaded {
            for context in &self.contexts {
                answers.push(answer(&self.program, context)?);
            }
            return Ok(());
        }
        for text in &self.texts {
            let flat: Flat<'_> = serde_json::from_str(text)?;
            answers.push(answer(&self.program, &context(&self.env, &self.areas, &flat))?);
        }
        Ok(())
    }
}
