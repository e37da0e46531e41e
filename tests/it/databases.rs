//! Databases for tests: SQLite in a file of its own, and PostgreSQL on a server that the tests start themselves.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, SqliteConnection};
use tempfile::TempDir;

/// A database that is gone when this is.
pub struct Database {
    pub url: String,
    /// For what belongs to it, such as its keys.
    pub folder: TempDir,
}

/// Runs a test on a fresh database of each kind. For long runs FORBEAR_ONLY names one of them, `sqlite` or `postgres`.
pub fn on_both(test: impl Fn(&Database)) {
    let only = std::env::var("FORBEAR_ONLY").ok();
    if only.as_deref() != Some("postgres") {
        test(&sqlite());
    }
    if only.as_deref() == Some("sqlite") {
        return;
    }
    if let Some(database) = postgres() {
        test(&database);
    }
}

/// A fresh SQLite database.
pub fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("forbear.db").display());
    Database { url, folder }
}

/// A fresh SQLite database in memory where the machine has a folder for that: the same program and the same promises, only
/// that nothing waits for a disk.
pub fn sqlite_in_memory() -> Database {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let url = format!("sqlite:{}", folder.path().join("forbear.db").display());
    Database { url, folder }
}

/// Another database with the same in it. Nobody may be connected to the first.
pub fn copy_of(first: &Database) -> Database {
    if let Some(file) = first.url.strip_prefix("sqlite:") {
        let copy = sqlite_in_memory();
        std::fs::copy(file, copy.folder.path().join("forbear.db")).unwrap();
        return copy;
    }
    let name = first.url.trim_start_matches("postgres:///").split('?').next().unwrap();
    made(&format!(" TEMPLATE {name}")).unwrap()
}

/// Fills an empty database from a file of SQL.
pub fn filled(database: &Database, file: &str) {
    if let Some(path) = database.url.strip_prefix("sqlite:") {
        let mut own = SqliteConnection::establish(path).unwrap();
        own.batch_execute(&std::fs::read_to_string(file).unwrap()).unwrap();
        return;
    }
    let said = of_postgres(database, "psql", &["-q", "-v", "ON_ERROR_STOP=1", "-f", file]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// Everything that a database keeps: the bytes of SQLite's files, with what is not written back yet, or what PostgreSQL
/// says it has.
pub fn kept(database: &Database) -> Vec<u8> {
    if database.url.starts_with("sqlite:") {
        let files = std::fs::read_dir(database.folder.path()).unwrap().map(|entry| entry.unwrap());
        let own = files.filter(|entry| entry.file_name().to_string_lossy().starts_with("forbear.db"));
        return own.flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect();
    }
    let said = of_postgres(database, "pg_dump", &["--inserts"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    said.stdout
}

fn of_postgres(database: &Database, program: &str, args: &[&str]) -> Output {
    let server = server().unwrap();
    let name = database.url.trim_start_matches("postgres:///").split('?').next().unwrap();
    let mut command = Command::new(server.programs.join(program));
    command.args(["-h", &server.folder, "-U", "postgres", "-d", name]).args(args).output().unwrap()
}

/// A fresh PostgreSQL database; none where PostgreSQL is not installed, which is an error where FORBEAR_CI is set.
pub fn postgres() -> Option<Database> {
    made("")
}

fn made(like: &str) -> Option<Database> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = server()?;
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let made = Command::new(server.programs.join("psql"))
        .args(["-h", &server.folder, "-U", "postgres", "-q", "-c", &format!("CREATE DATABASE {name}{like}")])
        .status()
        .unwrap();
    assert!(made.success(), "the database {name} cannot be made");
    let url = format!("postgres:///{name}?host={}&user=postgres", server.folder);
    Some(Database { url, folder: tempfile::tempdir().unwrap() })
}

struct Server {
    folder: String,
    programs: PathBuf,
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref()
}

/// Where PostgreSQL's programs are: the newest version of Debian's, or on the path.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.into_iter().rev().chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").exists())
}

fn start() -> Option<Server> {
    let Some(programs) = programs() else {
        assert!(std::env::var_os("FORBEAR_CI").is_none(), "PostgreSQL has to be installed here");
        eprintln!("PostgreSQL is not installed: these tests ran on SQLite only");
        return None;
    };
    let folder = std::env::temp_dir().join(format!("forbear-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if is_root {
        assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
    }
    let run = |program: &str, args: &[&str]| {
        let program = programs.join(program);
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let done =
            command.args(args).current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(done.success(), "PostgreSQL does not start");
    };
    let data = folder.join("data");
    let (data, sockets) = (data.to_str().unwrap(), folder.to_str().unwrap());
    run("initdb", &["-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]);
    let settings = format!("-k {sockets} -c listen_addresses= -c fsync=off -c max_connections=300");
    run("pg_ctl", &["-D", data, "-o", &settings, "-w", "-l", &format!("{sockets}/log"), "start"]);
    stop_with_us(&programs, &folder, is_root);
    Some(Server { folder: sockets.to_owned(), programs })
}

/// Stops the server when this program is gone, however it ends.
fn stop_with_us(programs: &Path, folder: &Path, is_root: bool) {
    let stop = format!("{}/pg_ctl -D {}/data -m immediate stop", programs.display(), folder.display());
    let stop = if is_root { format!("runuser -u postgres -- {stop}") } else { stop };
    let script = format!(
        "setsid sh -c 'while kill -0 {} 2>/dev/null; do sleep 1; done; {stop}; rm -rf {}' </dev/null >/dev/null 2>&1 &",
        std::process::id(),
        folder.display()
    );
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}
