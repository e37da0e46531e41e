//! The program, trying out, each test with one of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use forbear::service::access::Role;

pub struct Program {
    pub url: String,
    /// The borrower's phone, as it is printed.
    pub phone: String,
    folder: tempfile::TempDir,
    child: Child,
}

impl Program {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_forbear"))
            .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            .env("FORBEAR_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut phone = String::new();
        let url = said
            .find_map(|line| {
                let line = line.unwrap();
                if let Some((_, rest)) = line.split_once("with the phone ") {
                    phone = rest.split(':').next().unwrap().to_owned();
                }
                let rest = line.strip_prefix("Forbear is on ")?;
                Some(rest.split('/').take(3).collect::<Vec<_>>().join("/"))
            })
            .expect("the program says where it is");
        std::thread::spawn(move || said.for_each(drop));
        Self { url, phone, folder, child }
    }

    /// A bearer token of somebody.
    pub fn token(&self, person: &str, role: Role) -> String {
        self.command(&["token", "--person", person, "--role", role.name()]).trim().to_owned()
    }

    /// What a command beside it prints.
    fn command(&self, args: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forbear"));
        command.args(args).current_dir(self.folder.path()).env("FORBEAR_LOG", "warn");
        let done = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(done.status.success(), "{args:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// The last code that was sent to a phone.
    pub fn code(&self) -> String {
        let sent = std::fs::read_to_string(self.folder.path().join("forbear.codes.txt")).unwrap();
        let digits = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut words = sent.split(|c: char| !c.is_ascii_alphanumeric()).filter(|text| digits(text));
        words.next_back().expect("a code").to_owned()
    }

    /// An address of it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
