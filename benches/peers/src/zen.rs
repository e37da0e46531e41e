//! zen-engine: a graph of one node, compiled beforehand, its future polled once, since nothing in it waits. The node
//! is one expression, or a decision table, which is how ZEN's own tools write rules.

use std::pin::pin;
use std::task::{Context as Polling, Poll, Waker};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use zen_engine::model::GraphContent;
use zen_engine::{Decision, EvaluationOptions, Variable};

use crate::book::Entry;
use crate::peer::{Form, Peer};
use crate::policy::{self, Answer, Ask};

const MONEY: [&str; 3] = [
    "$RULE + min([fee_unpaid, 50000])",
    "$RULE + min([floor((fee * 8 + 5) / 10), fee_unpaid, 30000])",
    "$RULE + min([floor((fee + 1) / 2), fee_unpaid, 20000])",
];

/// How the policy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Expression,
    Table,
}

pub struct Zen<'a> {
    shape: Shape,
    decision: Decision,
    records: Vec<Variable>,
    texts: Vec<&'a str>,
}

impl<'a> Zen<'a> {
    pub fn new(book: &'a [Entry<'a>], ask: Ask, shape: Shape) -> Result<Self> {
        let node = match shape {
            Shape::Expression => {
                let text = policy::text(include_str!("../policies/policy.zen"), ask, MONEY)?;
                json!({"id": "node", "name": "node", "type": "expressionNode", "content": {
                    "expressions": [{"id": "answer", "key": "answer", "value": text}]}})
            }
            Shape::Table => table(ask)?,
        };
        let graph: GraphContent = serde_json::from_value(json!({
            "nodes": [
                {"id": "in", "name": "in", "type": "inputNode", "content": {}}, node,
                {"id": "out", "name": "out", "type": "outputNode", "content": {}}],
            "edges": [
                {"id": "e1", "sourceId": "in", "targetId": "node"}, {"id": "e2", "sourceId": "node", "targetId": "out"}]
        }))?;
        let mut decision = Decision::from(graph);
        decision.compile();
        let texts: Vec<&str> = book.iter().map(|entry| entry.flat).collect();
        let records = texts.iter().map(|text| Ok(serde_json::from_str(text)?)).collect::<Result<_>>()?;
        Ok(Self { shape, decision, records, texts })
    }

    fn answer(&self, record: Variable, trace: bool) -> Result<Answer> {
        let options = EvaluationOptions { trace, ..EvaluationOptions::default() };
        let future = pin!(self.decision.evaluate_with_opts(record, options));
        let Poll::Ready(response) = future.poll(&mut Polling::from_waker(Waker::noop())) else { bail!("it waits") };
        let response = response.map_err(|error| anyhow!("{error}"))?;
        std::hint::black_box(&response.trace);
        // A table without a hit answers nothing.
        let Some(number) = response.result.dot("answer") else { return Ok(Answer::default()) };
        let number = number.as_number().context("not a number")?;
        Answer::from_number(i64::try_from(number)?)
    }
}

/// The policy as a decision table: a row per rule, each with all that it needs.
fn table(ask: Ask) -> Result<Value> {
    let columns = [
        ("kind", r#""flood", "typhoon", "storm""#),
        ("severity", "<= 3"),
        ("status", r#""active""#),
        ("product", r#""cash_loan", "instalment", "car_loan""#),
        ("disbursed_on", "[$WINDOW_FROM..$WINDOW_UNTIL]"),
        ("prefecture", "$AREAS"),
        ("days_past_due", "<= 60"),
        ("arrangements", r#"not(some($, # in ["workout_offer", "liquidation_workout"]))"#),
        ("flags", ""),
        ("principal", ""),
        ("rate", ""),
    ];
    let own = [
        ("flags", r#"some($, # in ["injured", "bereaved", "hospitalised"])"#),
        ("principal", "<= 5000000"),
        ("rate", "<= 2400"),
    ];
    let inputs: Vec<Value> =
        columns.iter().map(|(field, _)| json!({"id": field, "name": field, "field": field})).collect();
    let mut rows = Vec::new();
    for (at, (field, cell)) in own.iter().enumerate() {
        let mut row = json!({"_id": format!("row-{at}"), "answer": policy::text(&format!("${}", at + 1), ask, MONEY)?});
        for (column, shared) in columns {
            row[column] = json!(policy::text(shared, ask, MONEY)?);
        }
        row[*field] = json!(cell);
        if *field == "principal" {
            row["days_past_due"] = json!("<= 30");
        }
        rows.push(row);
    }
    Ok(json!({"id": "node", "name": "node", "type": "decisionTableNode", "content": {
        "hitPolicy": "first", "inputs": inputs,
        "outputs": [{"id": "answer", "name": "answer", "field": "answer"}], "rules": rows}}))
}

impl Peer for Zen<'_> {
    fn name(&self) -> String {
        match self.shape {
            Shape::Expression => "zen-engine".to_owned(),
            Shape::Table => "zen-engine, table".to_owned(),
        }
    }

    fn can(&self, _: Form) -> bool {
        true
    }

    fn decide(&mut self, form: Form, answers: &mut Vec<Answer>) -> Result<()> {
        for (record, text) in self.records.iter().zip(&self.texts) {
            let answer = match form {
                Form::Loaded => self.answer(record.clone(), false)?,
                Form::Traced => self.answer(record.clone(), true)?,
                Form::Text => self.answer(serde_json::from_str(text)?, false)?,
            };
            answers.push(answer);
        }
        Ok(())
    }
}
