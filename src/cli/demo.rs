//! `forbear demo`: three real disasters over sample books, with the shipped policies.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::ensure;
use chrono::NaiveDate;
use forbear_engine::context::Context;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Language;

use super::preview::source::Source;
use super::preview::{Job, answers, load, preview, sample, text};

/// Preview three real disasters over sample books: the main job in one command
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Accounts in each sample book
    #[arg(long, default_value_t = 5_000)]
    pub size: u64,
    /// The same seed makes the same books
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The language of the tables
    #[arg(long, value_name = "zh-CN|en", default_value = "en")]
    pub lang: Language,
    /// The folder that holds `policies` and `declarations`
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
}

/// One disaster with the policies that were, or could have been, in force.
struct Scene {
    title: [&'static str; 2],
    /// FEMA's list, or a declaration of our own.
    declaration: &'static str,
    policies: &'static [&'static str],
    today: (i32, u32, u32),
}

const SCENES: [Scene; 3] = [
    Scene {
        title: [
            "美国2024年春季龙卷风（FEMA实际数据），住房贷款与学生贷款",
            "Tornadoes in the US, spring 2024 (FEMA's own list): mortgages and student loans",
        ],
        declaration: "declarations/openfema-2024-tornadoes.csv",
        policies: &["policies/us-fannie-mae-disaster-deferral", "policies/us-student-loan-disaster"],
        today: (2024, 6, 15),
    },
    Scene {
        title: [
            "河南2021年7月暴雨洪涝，消费金融公司的措施",
            "The Henan floods of July 2021: what consumer-finance companies announced",
        ],
        declaration: "declarations/cn-henan-2021-07.json",
        policies: &["policies/cn-henan-2021-07-consumer-finance"],
        // The last day on which people could ask.
        today: (2021, 7, 30),
    },
    Scene {
        title: [
            "湖南2024年6至7月暴雨洪涝，自然灾害纾困政策",
            "The Hunan floods of June and July 2024: relief for any natural disaster",
        ],
        declaration: "declarations/cn-hunan-2024-06.json",
        policies: &["policies/cn-natural-disaster"],
        today: (2024, 8, 5),
    },
];

/// Previews the scenes one after the other.
///
/// # Errors
/// The shipped data is not under `--root`, or it cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let wanted = SCENES.iter().flat_map(|scene| scene.policies.iter().chain([&scene.declaration]));
    let missing: Vec<&str> = wanted.copied().filter(|path| !args.root.join(path).exists()).collect();
    ensure!(
        missing.is_empty(),
        "the shipped data is not here: no {} in {}; run this in the folder of Forbear's source, or name it with --root",
        missing.join(", "),
        args.root.display()
    );
    let mut out = io::stdout().lock();
    let mut accounts = 0_u64;
    for (number, scene) in (1..).zip(&SCENES) {
        let title = args.lang.of(scene.title);
        writeln!(out, "━━━ {number}/{} {title} ━━━\n", SCENES.len())?;
        accounts = accounts.saturating_add(play(scene, args, &mut out)?);
    }
    out.write_all(next_steps(args.lang).as_bytes())?;
    out.flush()?;
    let took = began.elapsed();
    eprintln!("{accounts} accounts in {}.{} s", took.as_secs(), took.subsec_millis() / 100);
    Ok(ExitCode::SUCCESS)
}

/// Previews one scene; returns how many accounts it had.
fn play(scene: &Scene, args: &Args, out: &mut impl Write) -> anyhow::Result<u64> {
    let regions = RegionTree::builtin();
    let (year, month, day) = scene.today;
    let today = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let context = Context::on(today);
    let folders: Vec<PathBuf> = scene.policies.iter().map(|path| args.root.join(path)).collect();
    let policies = load::policies(&folders, &context.attributes, regions)?;
    let file = args.root.join(scene.declaration);
    let declarations = match file.extension() {
        Some(extension) if extension == "csv" => load::openfema(Path::new(&file), &[], regions)?.declarations,
        _ => load::declarations(&[file], regions)?,
    };
    let source = Source::Sample(sample(args.size, args.seed, None, today, &declarations)?);
    let answers = answers("requests")?;
    let job = Job { policies: &policies, declarations: &declarations, context: &context, answers, source: &source };
    let done = preview::<io::Sink>(&job, None, None)?;
    out.write_all(text::brief(&job, &done, args.lang).as_bytes())?;
    Ok(done.tally.accounts)
}

fn next_steps(language: Language) -> String {
    let lines = match language {
        Language::Chinese => [
            "接下来可以试试：",
            "  forbear preview --policies policies/cn-natural-disaster --declaration declarations/cn-hunan-2024-06.json --sample 5000 --today 2024-08-05 --by county --csv lines.csv",
            "  forbear check policies          检查政策，逐条指出问题所在",
            "  forbear sample --size 100 --out book.jsonl          生成一本样例账簿，再用 forbear decide 看其中一户的决定",
        ],
        Language::English => [
            "What to try next:",
            "  forbear preview --policies policies/cn-natural-disaster --declaration declarations/cn-hunan-2024-06.json --sample 5000 --today 2024-08-05 --by county --csv lines.csv",
            "  forbear check policies          every problem of a policy, with its place",
            "  forbear sample --size 100 --out book.jsonl          a sample book; then see one account's decision with forbear decide",
        ],
    };
    lines.map(|line| format!("{line}\n")).concat()
}
