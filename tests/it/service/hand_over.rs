//! Instructions by file, there and back, on both databases.

use std::path::Path;

use assert_cmd::Command;
use forbear::core_system::answers::AnswerFormat;
use forbear::service::policy::PolicyAct;
use forbear::service::relief::hand_over::{AnswerCounts, Answered, AnsweredLine};
use forbear::service::{Service, ServiceError};
use forbear::store::instruction::{self, InstructionRow};
use serde_json::Value;

use super::desk::{account, actor, file, put_in_force, write, zhengzhou};
use crate::databases::{Database, on_both};

/// Three accounts with late fees waived at once; the second one has two instructions.
fn waiting(database: &Database) -> (Service, Vec<InstructionRow>) {
    let service = zhengzhou(database);
    put_in_force(&service, &file("samples/policy-late-fees.json"));
    let henan = ("cn-henan-2021-07-consumer-finance", 1);
    write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None)).unwrap();
    for number in ["ZZ-2", "ZZ-3"] {
        let mut report = account("samples/account-zhengzhou.json");
        number.clone_into(&mut report.account);
        service.take_snapshot(&report).unwrap();
    }
    let mut given = Vec::new();
    for number in ["ZZ-2", "ZZ-20210220-01", "ZZ-3"] {
        given.push(write(&service, |conn| service.give_relief(conn, &actor("lead"), number)).unwrap());
    }
    let second = given[0].grants[0].id;
    write(&service, |conn| service.reverse_grant(conn, &actor("finance"), second, "by mistake")).unwrap();
    let rows = service.instructions(None, 0, 10).unwrap();
    assert_eq!(rows.len(), 4);
    (service, rows)
}

fn states(service: &Service) -> Vec<String> {
    service.instructions(None, 0, 10).unwrap().into_iter().map(|row| row.state).collect()
}

fn run(database: &Database, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
    command.arg("instructions").args(args).args(["--database", &database.url]);
    command.env("FORBEAR_KEYS", database.folder.path().join("ring.keys")).current_dir(database.folder.path());
    let done = command.output().unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap())
}

fn outside(row: &InstructionRow) -> String {
    forbear::service::reference::outside("instruction", row.id)
}

#[test]
fn what_waits_goes_into_a_file_in_the_order_of_each_account() {
    on_both(|database| {
        let (service, rows) = waiting(database);
        let (_, shown) = run(database, &["export", "--look"]);
        assert_eq!(states(&service), ["pending"; 4], "looking marks nothing");
        let path = database.folder.path().join("to-do.jsonl");
        assert_eq!(run(database, &["export", "--out", path.to_str().unwrap()]).0, Some(0));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, shown);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<(&str, i64)> =
            lines.iter().map(|line| (line["account"].as_str().unwrap(), line["sequence"].as_i64().unwrap())).collect();
        // By account, in the order in which they came to us, and there in order.
        assert_eq!(told, [("ZZ-20210220-01", 1), ("ZZ-2", 1), ("ZZ-2", 2), ("ZZ-3", 1)]);
        assert_eq!(states(&service), ["sent"; 4]);
        assert_eq!(run(database, &["export"]), (Some(0), String::new()), "nothing waits any more");
        assert_eq!(run(database, &["export", "--out", path.to_str().unwrap()]).0, Some(2), "no file is overwritten");
        assert!(rows.iter().all(|row| text.contains(&outside(row))));
    });
}

#[test]
fn a_table_has_a_row_for_each_adjustment_and_nothing_behind_what_is_dead() {
    on_both(|database| {
        let (service, rows) = waiting(database);
        let first = InstructionRow { state: "dead".to_owned(), ..rows[0].clone() };
        assert!(write(&service, |conn| Ok(instruction::advance(conn, &first, "pending")?)).unwrap());
        let (_, text) = run(database, &["export", "--format", "csv"]);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let told: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        // Of each of the two other accounts: 30.00 and 25.00 waived, 10.00 refunded.
        assert_eq!(told.len(), 6);
        let of = |number: &str| told.iter().filter(|row| &row[2] == number).count();
        assert_eq!((of("ZZ-20210220-01"), of("ZZ-3"), of("ZZ-2")), (3, 3, 0));
        let document: Value = serde_json::from_str(&told[0][11]).unwrap();
        assert_eq!((&told[0][10], &document["kind"]), ("waiver", &Value::from("waiver")));
        assert_eq!(states(&service), ["dead", "sent", "sent", "pending"]);
    });
}

fn take(service: &Service, format: AnswerFormat, text: &str) -> (AnswerCounts, Vec<AnsweredLine>) {
    let mut lines = Vec::new();
    let counts = service
        .take_answers(&actor("core"), format, text.as_bytes(), |line| {
            lines.push(line);
            Ok::<_, ServiceError>(())
        })
        .unwrap();
    (counts, lines)
}

#[test]
fn answers_are_taken_line_by_line_and_may_be_given_again() {
    on_both(|database| {
        let (service, rows) = waiting(database);
        let ids: Vec<String> = rows.iter().map(outside).collect();
        let text = format!(
            "instruction,answer,reason\n{},confirmed,\n{},rejected,no such loan\nnone,confirmed,\n{},done,\n",
            ids[0], ids[1], ids[2]
        );
        let (counts, lines) = take(&service, AnswerFormat::Csv, &text);
        assert_eq!(counts, AnswerCounts { confirmed: 1, rejected: 1, known: 0, bad: 2 });
        let results: Vec<(u64, Answered)> = lines.iter().map(|line| (line.line, line.result)).collect();
        use Answered::{Bad, Confirmed, Rejected};
        assert_eq!(results, [(2, Confirmed), (3, Rejected), (4, Bad), (5, Bad)]);
        assert_eq!(service.verify_books().unwrap().broken, Vec::<String>::new());
        let rejected = service.grants(Some("rejected"), 0, 10).unwrap();
        assert_eq!(rejected.len(), 1, "what is refused is taken back");

        // The same file again, and one that says otherwise.
        let (counts, _) = take(&service, AnswerFormat::Csv, &text);
        assert_eq!(counts, AnswerCounts { confirmed: 0, rejected: 0, known: 2, bad: 2 });
        let otherwise = format!("{{\"instruction\":\"{}\",\"answer\":\"rejected\",\"reason\":\"late\"}}\n", ids[0]);
        let (counts, lines) = take(&service, AnswerFormat::Jsonl, &otherwise);
        assert_eq!((counts.bad, lines[0].reason.as_deref()), (1, Some("the instruction was confirmed before")));
    });
}

#[test]
fn the_command_reports_each_line() {
    on_both(|database| {
        let (service, rows) = waiting(database);
        let path = database.folder.path().join("done.csv");
        let mut text = String::from("instruction,answer\n");
        for row in &rows {
            text.push_str(&format!("{},confirmed\n", outside(row)));
        }
        std::fs::write(Path::new(&path), text).unwrap();
        let (code, report) = run(database, &["answers", path.to_str().unwrap()]);
        let results: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((code, results.len()), (Some(0), 4));
        assert!(results.iter().all(|line| line["result"] == "confirmed"), "{report}");
        assert_eq!(states(&service), ["confirmed"; 4]);
        std::fs::write(Path::new(&path), "instruction,answer\nnone,confirmed\n").unwrap();
        assert_eq!(run(database, &["answers", path.to_str().unwrap()]).0, Some(1), "a line could not be used");
    });
}
