//! Timing in rounds: every engine once, then every engine again, so that what else the machine does hits all alike.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::peer::{Form, Peer};
use crate::policy::{Answer, Ask};

/// One thing that is timed: an engine, what it is asked, and the form of the accounts.
pub struct Lane {
    pub engine: String,
    pub ask: Ask,
    pub form: Form,
    /// Nanoseconds per account, a figure for each round.
    pub rounds: Vec<f64>,
}

impl Lane {
    pub fn median(&self) -> f64 {
        median(&self.rounds)
    }

    pub fn least(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub fn json(&self) -> Value {
        json!({"engine": self.engine, "ask": self.ask.name(), "form": self.form.name(),
               "median_ns": round(self.median()), "least_ns": round(self.least()), "rounds": self.rounds.len()})
    }
}

pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Every peer in every form it can do, `rounds` times, after one round that is not counted. Each goes over all accounts
/// once before it is timed, so that it finds them as it left them and not as the engine before it did. Every answer of
/// every round is held against `expected`.
pub fn run(peers: &mut [(Ask, Box<dyn Peer + '_>)], expected: &[Answer], rounds: usize) -> Result<Vec<Lane>> {
    let bare: Vec<Answer> = expected.iter().map(|answer| answer.rule_only()).collect();
    let mut lanes: Vec<Lane> = Vec::new();
    let mut answers = Vec::with_capacity(expected.len());
    for round in 0..=rounds {
        let mut at = 0;
        for (ask, peer) in peers.iter_mut() {
            for form in Form::ALL.into_iter().filter(|form| peer.can(*form)).collect::<Vec<_>>() {
                answers.clear();
                peer.decide(form, &mut answers)?;
                answers.clear();
                let begun = Instant::now();
                peer.decide(form, &mut answers)?;
                let each = begun.elapsed().as_nanos() as f64 / expected.len() as f64;
                let want: &[Answer] = if *ask == Ask::Money { expected } else { &bare };
                agree(&peer.name(), form, &answers, want)?;
                if round == 0 {
                    lanes.push(Lane { engine: peer.name(), ask: *ask, form, rounds: Vec::new() });
                } else {
                    lanes[at].rounds.push(each);
                }
                at += 1;
            }
        }
    }
    Ok(lanes)
}

/// The first account on which an engine says something else ends the run.
fn agree(name: &str, form: Form, answers: &[Answer], expected: &[Answer]) -> Result<()> {
    ensure!(answers.len() == expected.len(), "{name} answered {} times of {}", answers.len(), expected.len());
    let differs = answers.iter().zip(expected).position(|(one, other)| one != other);
    if let Some(at) = differs {
        anyhow::bail!("{name}, {}: account A-{}: {:?}, not {:?}", form.name(), at + 1, answers[at], expected[at]);
    }
    Ok(())
}
