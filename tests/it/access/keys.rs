//! `forbear keys`: from a new version to the end of the old one, on both databases.

use std::path::Path;

use assert_cmd::Command;
use forbear::secret::KeyRing;
use forbear::service::Service;
use serde_json::{Value, json};

use super::{hidden, reported};
use crate::databases::{Database, on_both};
use crate::service::desk;

/// People like Zhang, whose phone is 138 1234 5678.
const PEOPLE: usize = 7;

fn keys(database: &Database, file: &Path, args: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
    command.arg("keys").args(args).args(["--database", &database.url]).env("FORBEAR_KEYS", file);
    let done = command.output().unwrap();
    (done.status.success(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
}

/// What `list` says: version, whether it seals, rows.
fn listed(database: &Database, file: &Path) -> Value {
    let (fine, said) = keys(database, file, &["list", "--json"]);
    assert!(fine, "{said}");
    let list: Vec<Value> = serde_json::from_str(&said).unwrap();
    list.iter().map(|one| json!([one["version"], one["active"], one["rows"]])).collect()
}

fn restarted(database: &Database, file: &Path) -> Service {
    let service = desk::service(database, "2026-07-01").with_keys(KeyRing::read(file).unwrap());
    service.check_keys().unwrap();
    service
}

#[test]
fn a_version_is_renewed_and_the_old_one_dropped_once_nothing_needs_it() {
    on_both(|database| {
        let file = database.folder.path().join("ring.keys");
        KeyRing::open(&file).unwrap();
        let service = restarted(database, &file);
        for at in 0..PEOPLE {
            let party = format!("P-{at}");
            let zhang = json!({"party": party, "name": "张三", "phone": "138 1234 5678"}).to_string();
            service.take_report(&reported(&format!("A-{at}"), "2026-06-30", &party, &zhang)).unwrap();
        }
        let found = |service: &Service| service.persons_by_phone(&hidden("13812345678")).unwrap().len();
        assert_eq!(listed(database, &file), json!([[1, true, PEOPLE]]));

        // Added, it is read by everybody before anybody seals under it.
        assert!(keys(database, &file, &["add"]).0);
        assert_eq!(listed(database, &file), json!([[1, true, PEOPLE], [2, false, 0]]));
        assert!(keys(database, &file, &["activate", "2"]).0);
        let service = restarted(database, &file);
        assert_eq!(found(&service), PEOPLE, "what is sealed under the old version is found");
        let (fine, said) = keys(database, &file, &["drop", "1"]);
        assert!(!fine && said.contains("7 rows are sealed under version 1"), "{said}");

        // Broken off after some rows, it goes on.
        assert_eq!(service.reseal_persons(3).unwrap(), 3);
        assert_eq!(listed(database, &file), json!([[1, false, 4], [2, true, 3]]));
        assert_eq!(found(&service), PEOPLE, "both indexes are looked at");
        let (fine, said) = keys(database, &file, &["reseal", "--batch", "2"]);
        assert!(fine && said.contains("4 rows"), "{said}");
        let (fine, said) = keys(database, &file, &["drop", "2"]);
        assert!(!fine, "it seals: {said}");
        assert!(keys(database, &file, &["drop", "1"]).0);
        assert_eq!(listed(database, &file), json!([[2, true, PEOPLE]]));
        let service = restarted(database, &file);
        assert_eq!(found(&service), PEOPLE);
        assert_eq!(service.person("P-6").unwrap().phone.as_deref(), Some("138****5678"));

        assert!(keys(database, &file, &["renew"]).0);
        assert_eq!(listed(database, &file), json!([[2, false, PEOPLE], [3, true, 0]]));
        assert!(!keys(database, &file, &["drop", "9"]).0, "there is none");
    });
}
