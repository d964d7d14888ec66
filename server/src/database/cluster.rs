//! One cluster in one directory: made, started, stopped.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;

use super::keeper::Keeper;
use super::{OWNER, binaries};

/// Longest path of a unix socket, less the name Postgres gives it.
const LONGEST_SOCKET_DIR: usize = 107 - "/.s.PGSQL.5432".len();

/// How much the data is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Survives a crash of the machine.
    Lasting,
    /// For tests: nothing waits for the disk.
    Throwaway,
}

/// A cluster that may or may not run.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    keeper: Keeper,
    /// Ours: lock files.
    dir: PathBuf,
    /// The keeper's: data and socket.
    home: PathBuf,
    kind: Kind,
}

impl Cluster {
    /// The cluster of this directory. Makes the directories, nothing else.
    pub fn at(dir: &Path, kind: Kind) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)
            .with_context(|| format!("make the data directory {}", dir.display()))?;
        let dir = dir.canonicalize().context("find the data directory")?;
        let keeper = Keeper::find()?;
        let home = home(&dir, keeper)?;
        Ok(Self {
            bin: binaries::find()?,
            keeper,
            dir,
            home,
            kind,
        })
    }

    /// A file for locks between programs; locks end with the program that holds them.
    pub fn lock_file(&self, name: &str) -> anyhow::Result<File> {
        let path = self.dir.join(format!("{name}.lock"));
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("open {}", path.display()))
    }

    /// Starts it unless it runs; makes it first unless it is there.
    pub fn start(&self) -> anyhow::Result<()> {
        if !self.data().join("PG_VERSION").exists() {
            self.make()?;
        }
        if self.is_running() {
            return Ok(());
        }
        self.do_as_keeper(
            self.pg_ctl()
                .args(["start", "-w", "-t", "60"])
                .arg("-l")
                .arg(self.home.join("log"))
                .arg("-o")
                .arg(self.settings()),
        )
        .with_context(|| {
            format!(
                "start the embedded database; its log is {}",
                self.home.join("log").display()
            )
        })
    }

    /// Stops it if it runs: sessions are ended, work under way is rolled back.
    pub fn stop(&self) -> anyhow::Result<()> {
        if !self.is_running() {
            return Ok(());
        }
        self.do_as_keeper(self.pg_ctl().args(["stop", "-w", "-m", "fast"]))
            .context("stop the embedded database")
    }

    pub fn options(&self, user: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket_dir())
            .username(user)
            .database(database)
    }

    pub fn url(&self, user: &str, database: &str) -> String {
        format!(
            "postgresql://{user}@localhost/{database}?host={}",
            self.socket_dir().display()
        )
    }

    /// Made beside its place and moved there when whole: an interrupted start leaves nothing half done.
    fn make(&self) -> anyhow::Result<()> {
        let fresh = self.home.join("pg.new");
        if fresh.exists() {
            std::fs::remove_dir_all(&fresh).context("remove what an interrupted start left")?;
        }
        let mut initdb = self.keeper.command(&self.bin.join("initdb"));
        initdb
            .args([
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                "-U",
                OWNER,
                "-D",
            ])
            .arg(&fresh);
        self.do_as_keeper(&mut initdb)
            .context("make the embedded database")?;
        std::fs::rename(&fresh, self.data()).context("put the embedded database in its place")
    }

    fn is_running(&self) -> bool {
        let mut status = self.pg_ctl();
        let answer = status
            .arg("status")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        answer.is_ok_and(|status| status.success())
    }

    fn pg_ctl(&self) -> Command {
        let mut command = self.keeper.command(&self.bin.join("pg_ctl"));
        command.arg("-D").arg(self.data());
        command
    }

    fn settings(&self) -> String {
        let speed = match self.kind {
            Kind::Lasting => "-c max_connections=100",
            Kind::Throwaway => {
                "-c max_connections=300 -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
            }
        };
        format!(
            "-k '{}' -c listen_addresses='' -c unix_socket_permissions=0700 -c deadlock_timeout=500ms \
             -c client_connection_check_interval=2s {speed}",
            self.socket_dir().display()
        )
    }

    fn data(&self) -> PathBuf {
        self.home.join("pg")
    }

    fn socket_dir(&self) -> PathBuf {
        self.home.join("run")
    }

    /// Runs a command to its end and says what it said if it failed. Its output goes to a file, not
    /// a pipe: the database it leaves running would keep a pipe open for ever.
    fn do_as_keeper(&self, command: &mut Command) -> anyhow::Result<()> {
        let said = self.dir.join("said.log");
        let out = File::create(&said).context("write beside the database")?;
        let both = out.try_clone().context("write beside the database")?;
        let status = command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(both)
            .status()
            .with_context(|| format!("run {}", command.get_program().display()))?;
        if !status.success() {
            bail!(
                "{}",
                std::fs::read_to_string(&said).unwrap_or_default().trim()
            );
        }
        Ok(())
    }
}

/// Where the keeper's files are: in the data directory if the keeper can reach it and the socket's
/// path is not too long, else under a short name derived from it.
fn home(dir: &Path, keeper: Keeper) -> anyhow::Result<PathBuf> {
    let fits = dir.join("run").as_os_str().len() <= LONGEST_SOCKET_DIR;
    let home = if fits && keeper.can_enter(dir) {
        dir.to_owned()
    } else {
        let digest = Sha256::digest(dir.as_os_str().as_encoded_bytes());
        let name: String = digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        PathBuf::from("/var/tmp").join(format!("wallet-{name}"))
    };
    make_private(&home, keeper, home != dir)?;
    make_private(&home.join("run"), keeper, true)?;
    // Data and log are made by the keeper in a directory that is ours, so it needs one it may write.
    if keeper != Keeper::Us {
        keeper.own(&home)?;
    }
    Ok(home)
}

fn make_private(dir: &Path, keeper: Keeper, is_keepers: bool) -> anyhow::Result<()> {
    let context = || format!("make {}", dir.display());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(context)?;
    if is_keepers {
        keeper.own(dir)?;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
            .with_context(context)?;
    }
    Ok(())
}
