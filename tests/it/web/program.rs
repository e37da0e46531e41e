//! The program, trying out, each test with one of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct Program {
    pub url: String,
    _folder: tempfile::TempDir,
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
        let url = said
            .find_map(|line| {
                let line = line.unwrap();
                let rest = line.strip_prefix("Forbear is on ")?;
                Some(rest.split('/').take(3).collect::<Vec<_>>().join("/"))
            })
            .expect("the program says where it is");
        std::thread::spawn(move || said.for_each(drop));
        Self { url, _folder: folder, child }
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
