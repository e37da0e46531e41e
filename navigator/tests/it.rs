//! The navigator as it is shipped: what it is made of, how well it does, what it bears.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use forbear_navigator::lines::{self, Line};
use forbear_navigator::measure::measure;
use forbear_navigator::model::digest;
use forbear_navigator::navigate::{Navigator, QUESTIONS, SHIPPED, Why};
use forbear_navigator::questions::Questions;
use forbear_navigator::train::train;
use forbear_navigator::words::Segmenter;

fn questions() -> Questions {
    Questions::read(QUESTIONS).unwrap()
}

fn all_lines(folder: &str) -> Vec<Line> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "tsv"));
    files.sort();
    let read = |file: &std::path::PathBuf| {
        lines::read(&file.display().to_string(), &std::fs::read_to_string(file).unwrap(), &questions()).unwrap()
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn there_are_57_questions_in_8_scenarios() {
    let questions = questions();
    assert_eq!(questions.all().len(), 57);
    let mut scenarios: Vec<&str> = questions.all().iter().map(|question| question.scenario.as_str()).collect();
    scenarios.dedup();
    assert_eq!(scenarios.len(), 8);
}

#[test]
fn the_committed_model_is_what_the_committed_lines_give() {
    let trained = train(&Segmenter::default(), &questions(), &all_lines("utterances"), &all_lines("aside")).unwrap();
    assert!(trained.lines > 9_000 + 1_000);
    assert_eq!(
        digest(&trained.model.to_bytes()),
        digest(SHIPPED),
        "train anew: cargo run --release -- navigator train"
    );
}

#[test]
fn the_bars_are_held_on_what_is_kept_aside() {
    let aside = all_lines("aside");
    assert_eq!(aside.len(), 798 + 200);
    let measured = measure(&Navigator::shipped().unwrap(), &aside);
    assert_eq!(measured.question.all, 798);
    assert_eq!(measured.outside.all, 200);
    assert!(measured.question.per_mille() >= 920, "{:?}", measured.question);
    assert!(measured.scenario.per_mille() >= 970, "{:?}", measured.scenario);
    assert!(measured.outside.per_mille() >= 900, "{:?}", measured.outside);
}

#[test]
fn asking_for_a_person_is_always_heard() {
    let navigator = Navigator::shipped().unwrap();
    for said in [
        "转人工",
        "人工",
        "我要人工服务！",
        "別跟我扯 我要真人",
        "麻煩轉人工客服",
        "转人工 我的罚息能免吗",
        "Agent",
        "AGENT!!!",
        "human please",
        "I want to talk to a human",
        "can I speak to someone about my late fee",
        "operator",
        "representative",
    ] {
        assert_eq!(navigator.hear(said).why, Some(Why::AskedForPerson), "{said}");
    }
}

#[test]
fn whatever_is_sent_is_answered_soon_and_by_a_person() {
    let navigator = Navigator::shipped().unwrap();
    let megabyte = |text: &str| text.repeat(1_000_000 / text.len());
    let hostile = [
        String::new(),
        " \t\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\u{1b}[31m".chars().filter(|char| !char.is_alphanumeric()).collect(),
        "🔥".repeat(500),
        "\u{202e}延期怎么申请".to_owned(),
        "延期\u{2066}怎么申请\u{2069}".to_owned(),
        "\u{301}".repeat(1_900),
        "\u{fdfa}".repeat(1_900),
        "¿Cómo puedo aplazar el pago de mi préstamo después del huracán?".to_owned(),
        "Làm thế nào để tôi hoãn thanh toán khoản vay sau trận lũ?".to_owned(),
        "返済を延期したいのですがどうすればいいですか".to_owned(),
        "대출 상환을 연기하고 싶어요".to_owned(),
        "كيف يمكنني تأجيل السداد".to_owned(),
        "lorem ipsum dolor sit amet consectetur adipiscing elit".to_owned(),
        "asdfgh qwerty zxcvb poiuy".to_owned(),
        megabyte("延期怎么申请"),
        megabyte("a"),
        megabyte("how do i apply "),
        megabyte("\u{0}"),
        megabyte("\u{200b}"),
        "9".repeat(1_000),
    ];
    for said in &hostile {
        let begun = Instant::now();
        let heard = navigator.hear(said);
        assert!(heard.question.is_none() && heard.why.is_some(), "{:.40}: {heard:?}", said);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:.40}", said);
    }
    // What is long and can be read is answered in bounded time, whatever the answer.
    let begun = Instant::now();
    let long = navigator.hear(&"我想申请延期还款房子被水淹了".repeat(142));
    assert!(long.question.is_some() || long.why.is_some());
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_slip_of_the_recogniser_is_borne() {
    let navigator = Navigator::shipped().unwrap();
    for (said, question) in [
        ("延期会不会上正信", "credit.reported"),
        ("會不會上徵信", "credit.reported"),
        ("ＨＯＷ　ＤＯ　Ｉ　ＡＰＰＬＹ for relief", "relief.apply"),
    ] {
        assert_eq!(navigator.hear(said).question.as_deref(), Some(question), "{said}");
    }
}

#[test]
fn the_documentation_lists_every_question() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/navigator.md");
    let page = std::fs::read_to_string(path).unwrap();
    let questions = questions();
    for question in questions.all() {
        let row = format!("| `{}` | {} | {} |", question.label, question.title.zh, question.title.en);
        assert!(page.contains(&row), "docs/navigator.md has no row {row}");
    }
    assert_eq!(page.lines().filter(|line| line.starts_with("| `")).count(), questions.all().len());
}
