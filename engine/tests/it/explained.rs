//! The words of decisions, and what stands beside them: of the kept decisions, all in both languages.

use std::collections::BTreeMap;
use std::fmt::Write;

use forbear_engine::account::Position;
use forbear_engine::cases::kept::{Corpus, Kept};
use forbear_engine::decide::{Decision, Inputs};
use forbear_engine::explain::compare::{Due, compared};
use forbear_engine::explain::spoken::{Spoken, speak};
use forbear_engine::explain::{Voice, facts_of, program_of};
use forbear_engine::money::Money;
use forbear_engine::policy::facts::Attributes;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;

/// Calls with every kept decision, made again, and what it was made from.
fn each(mut with: impl FnMut(&Kept, &Inputs<'_>, &Decision)) {
    for file in ["cases", "books", "generated"] {
        let corpus = Corpus::read(&std::fs::read_to_string(format!("tests/kept/{file}.jsonl")).unwrap()).unwrap();
        for kept in corpus.decisions() {
            let made = |inputs: &Inputs<'_>, decision: &Decision| with(kept, inputs, decision);
            corpus.decide_with(kept, RegionTree::builtin(), made).unwrap();
        }
    }
}

/// Everything that is said, a line each.
fn lines(said: &Spoken) -> Vec<String> {
    let mut lines = vec![said.outcome.clone()];
    for claim in &said.claims {
        lines.extend([&claim.policy, &claim.version, &claim.declaration, &claim.outcome].map(Clone::clone));
        lines.extend(claim.rules.iter().chain(&claim.reasons).chain(claim.changes.iter().flatten()).cloned());
        lines.extend(claim.questions.iter().map(|asked| format!("{} ({})", asked.text, asked.form)));
        for benefit in &claim.benefits {
            lines.extend([format!("{}: {}", benefit.title, benefit.result)]);
            lines.extend(benefit.effects.iter().chain(&benefit.reasons).cloned());
        }
        lines.extend(claim.notes.iter().cloned());
    }
    lines.extend(said.offers.iter().flat_map(|offer| [&offer.title].into_iter().chain(&offer.effects)).cloned());
    lines
}

/// Where two lines differ in figures alone they are of one kind.
fn kind(line: &str) -> String {
    let mut kind = String::new();
    for letter in line.chars() {
        let letter = if letter.is_ascii_digit() { '0' } else { letter };
        if !(letter == '0' && kind.ends_with(['0', '.', ','])) {
            kind.push(letter);
        }
    }
    kind
}

/// The words are looked at by a person when they change; the figures in them are held where they are reckoned.
#[test]
fn every_kind_of_sentence_is_said_as_it_was() {
    let languages = [(Language::English, "en"), (Language::Chinese, "zh")];
    let mut first = languages.map(|_| BTreeMap::<String, String>::new());
    each(|kept, inputs, decision| {
        let position = Position::of(inputs.account, inputs.context.today);
        let before = position.overlay(inputs.account, inputs.history.own(&kept.account.account)).unwrap();
        for ((language, _), first) in languages.iter().zip(&mut first) {
            let voice = Voice { language: *language, regions: inputs.regions, attributes: &kept.context.attributes };
            let mut said = lines(&speak(inputs, decision, &voice).unwrap());
            for claim in &decision.policies {
                let (Some(program), facts) = (program_of(inputs, claim), facts_of(inputs, claim, &before)) else {
                    continue;
                };
                assert!(facts.is_some(), "{}", kept.name);
                for line in voice.trace(program, claim, facts.as_ref()) {
                    let test = line.test.map(|test| format!(" | {} | {}", test.demand.unwrap_or_default(), test.saw));
                    said.push(format!("{:?} {}{}", line.result, line.text, test.unwrap_or_default()));
                }
                said.extend(program.limits.iter().map(|limit| voice.limit(limit)));
            }
            for line in said {
                first.entry(kind(&line)).or_insert(line);
            }
        }
    });
    for ((_, name), first) in languages.iter().zip(&first) {
        let text = first.values().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        });
        insta::with_settings!({omit_expression => true}, {
            insta::assert_snapshot!(format!("sentences_{name}"), text);
        });
    }
}

/// What is compared adds up: each part over all days, the parts to the total, and before to what is unpaid.
#[test]
fn comparisons_add_up() {
    let mut with_relief = 0;
    each(|kept, inputs, decision| {
        let account = kept.account.clone().validated().unwrap();
        let all = compared(&account, inputs.history, decision).unwrap();
        let position = Position::of(inputs.account, inputs.context.today);
        let before = position.overlay(inputs.account, inputs.history.own(&kept.account.account)).unwrap();
        let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.map(|amount| amount.minor()).sum::<i64>();
        let rows = || before.rows.iter().flatten().map(|row| row.unpaid().unwrap());
        let charges = || before.charges.iter().flatten();
        let guarantee = |is: bool| {
            let of_kind = charges().filter(move |charge| format!("{:?}", charge.kind).contains("Guarantee") == is);
            sum(&mut of_kind.map(|charge| charge.unpaid().unwrap()))
        };
        let unpaid = [
            sum(&mut rows().map(|parts| parts.principal)),
            sum(&mut rows().map(|parts| parts.interest)),
            sum(&mut rows().map(|parts| parts.fees)),
            guarantee(false),
            guarantee(true),
        ];
        let parts = |due: &Due| {
            [due.principal, due.interest, due.fees, due.charges, due.guarantee_fee].map(|part| part.minor())
        };
        for one in [&all.granted].into_iter().chain(all.offers.iter().map(|offer| &offer.comparison)) {
            assert_eq!(parts(&one.before.to_pay), unpaid, "{}", kept.name);
            for (side, of) in [(&one.before, false), (&one.after, true)] {
                let days = || one.days.iter().map(move |day| if of { &day.after } else { &day.before });
                let mut over_days = [0; 5];
                for due in days() {
                    assert_eq!(parts(due).iter().sum::<i64>(), due.total.minor(), "{}", kept.name);
                    over_days.iter_mut().zip(parts(due)).for_each(|(sum, part)| *sum += part);
                }
                assert_eq!(over_days, parts(&side.to_pay), "{}", kept.name);
                assert_eq!(over_days.iter().sum::<i64>(), side.to_pay.total.minor(), "{}", kept.name);
            }
            with_relief += i32::from(one.before != one.after);
        }
    });
    assert!(with_relief >= 50, "{with_relief} with relief");
}

#[test]
fn each_result_of_a_test_has_words_of_its_own() {
    use forbear_engine::decide::decision::TraceResult;
    let attributes = Attributes::default();
    for language in Language::ALL {
        let voice = Voice { language, regions: RegionTree::builtin(), attributes: &attributes };
        let all = [TraceResult::True, TraceResult::False, TraceResult::Unknown, TraceResult::NotEvaluated];
        let words: std::collections::BTreeSet<String> = all.map(|result| voice.result(result)).into();
        assert!(words.len() == 4 && words.iter().all(|word| !word.is_empty()), "{words:?}");
    }
}
