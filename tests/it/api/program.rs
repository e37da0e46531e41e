//! The program itself, as whoever runs it starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::databases::Database;

/// The program; it is killed when this is gone.
pub struct Program {
    child: Child,
    /// What it said until it answered.
    pub said: String,
}

impl Program {
    /// Starts it on a free port; says where it answers.
    pub fn start(database: &Database, more: &[&str]) -> (Self, String) {
        Self::start_with(database, more, &[])
    }

    /// The same with more in its environment.
    pub fn start_with(database: &Database, more: &[&str], set: &[(&str, &str)]) -> (Self, String) {
        Self::run(Self::command(database).args(more).env("FORBEAR_LOG", "warn").envs(set.iter().copied()))
    }

    /// The same, with what it logs in a file.
    pub fn start_logging(database: &Database, level: &str, log: &Path) -> (Self, String) {
        let log = std::fs::File::create(log).unwrap();
        Self::run(Self::command(database).env("FORBEAR_LOG", level).stderr(log))
    }

    fn command(database: &Database) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url])
            .env("FORBEAR_KEYS", database.folder.path().join("keys"))
            .current_dir(database.folder.path());
        command
    }

    fn run(command: &mut Command) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            said.push_str(&line);
            said.push('\n');
            if let Some(rest) = line.split("http://").nth(1) {
                let url = format!("http://{}", rest.split('/').next().unwrap());
                return (Self { child, said }, url);
            }
        }
        panic!("{}: {said}", child.wait().unwrap());
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
