//! Databases for tests: SQLite in a file of its own, and PostgreSQL on a server that the tests start themselves. Both are in
//! memory where the machine has a folder for that: the same programs and the same promises, only that nothing waits for a
//! disk. The tables are made once for each kind and copied.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use forbear::store::Store;
use tempfile::TempDir;

/// A database that is gone when this is.
pub struct Database {
    pub url: String,
    /// For what belongs to it, such as its keys.
    pub folder: TempDir,
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = name_of(&self.url) {
            // Where the server has ended, everything has.
            let _ = administer(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs a test on a fresh database of each kind, with its tables. For long runs FORBEAR_ONLY names one of them, `sqlite` or
/// `postgres`.
pub fn on_both(test: impl Fn(&Database)) {
    on([sqlite, || postgres().unwrap()], test);
}

/// Runs a test on a database of each kind without tables.
pub fn on_both_empty(test: impl Fn(&Database)) {
    on([empty_sqlite, || empty_postgres("")], test);
}

fn on([sqlite, postgres]: [fn() -> Database; 2], test: impl Fn(&Database)) {
    let only = std::env::var("FORBEAR_ONLY").ok();
    if only.as_deref() != Some("postgres") {
        test(&sqlite());
    }
    if only.as_deref() != Some("sqlite") && server().is_some() {
        test(&postgres());
    }
}

/// A fresh SQLite database.
pub fn sqlite() -> Database {
    static TABLES: OnceLock<Vec<u8>> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        let first = empty_sqlite();
        drop(Store::open(&first.url, 1).unwrap());
        std::fs::read(file_of(&first)).unwrap()
    });
    let database = empty_sqlite();
    std::fs::write(file_of(&database), tables).unwrap();
    database
}

fn empty_sqlite() -> Database {
    let folder = tempfile::tempdir_in(memory()).unwrap();
    let url = format!("sqlite:{}", folder.path().join("forbear.db").display());
    Database { url, folder }
}

fn file_of(database: &Database) -> &str {
    database.url.strip_prefix("sqlite:").unwrap()
}

/// The name of a PostgreSQL database.
fn name_of(url: &str) -> Option<&str> {
    url.strip_prefix("postgres:///").and_then(|rest| rest.split('?').next())
}

/// A folder in memory where there is one with room, else the usual one.
fn memory() -> PathBuf {
    const ROOM: u64 = 2 << 20;
    let shared = Path::new("/dev/shm");
    let said = Command::new("df").args(["-k", "--output=avail"]).arg(shared).output();
    let free = said.ok().and_then(|said| String::from_utf8_lossy(&said.stdout).split_whitespace().last()?.parse().ok());
    if free.is_some_and(|free: u64| free >= ROOM) { shared.to_owned() } else { std::env::temp_dir() }
}

/// Another database with the same in it. Nobody may be connected to the first.
pub fn copy_of(first: &Database) -> Database {
    if let Some(name) = name_of(&first.url) {
        return empty_postgres(&format!(" TEMPLATE {name}"));
    }
    let copy = empty_sqlite();
    std::fs::copy(file_of(first), file_of(&copy)).unwrap();
    copy
}

/// Fills an empty database from a file of SQL.
pub fn filled(database: &Database, file: &str) {
    if database.url.starts_with("sqlite:") {
        let path = file_of(database);
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
    let mut command = Command::new(server.programs.join(program));
    command.args(["-h", &server.folder, "-U", "postgres", "-d", name_of(&database.url).unwrap()]);
    command.args(args).output().unwrap()
}

/// A fresh PostgreSQL database; none where PostgreSQL is not installed, which is an error where FORBEAR_CI is set.
pub fn postgres() -> Option<Database> {
    static TABLES: OnceLock<()> = OnceLock::new();
    let server = server()?;
    TABLES.get_or_init(|| {
        administer("CREATE DATABASE tables").unwrap();
        drop(Store::open(&address("tables", server), 1).unwrap());
    });
    Some(empty_postgres(" TEMPLATE tables"))
}

fn empty_postgres(like: &str) -> Database {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
    administer(&format!("CREATE DATABASE {name}{like}")).unwrap();
    let url = address(&name, server().unwrap());
    Database { url, folder: tempfile::tempdir_in(memory()).unwrap() }
}

fn address(name: &str, server: &Server) -> String {
    format!("postgres:///{name}?host={}&user=postgres", server.folder)
}

/// Tells the server to make or drop a database.
fn administer(statement: &str) -> diesel::QueryResult<()> {
    static OWN: Mutex<Option<PgConnection>> = Mutex::new(None);
    let mut own = OWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let connect = || PgConnection::establish(&address("postgres", server().unwrap())).unwrap();
    own.get_or_insert_with(connect).batch_execute(statement)
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
    let folder = memory().join(format!("forbear-pg-{}", std::process::id()));
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
    // The machine is never lost here, and each database lives for a second.
    let careless = "-c fsync=off -c full_page_writes=off -c autovacuum=off";
    let settings = format!("-k {sockets} -c listen_addresses= -c max_connections=300 {careless}");
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
