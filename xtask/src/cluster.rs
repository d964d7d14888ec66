//! A Postgres cluster for one command: made in a second, gone at the end.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::geteuid;

use crate::{process, tools};

/// A running cluster with one superuser, `app`, and a private socket. Dropping it removes it.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Postgres refuses to run as root: then it runs as this user.
    user: Option<String>,
}

impl Cluster {
    /// Starts an empty cluster outside the checkout, where any user may reach it and where the
    /// path of the socket is short enough.
    pub(crate) fn start(purpose: &str) -> Result<Self> {
        let folder = PathBuf::from(format!("/var/tmp/wallet-{purpose}-{}", std::process::id()));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .context("cannot make a folder")?;
        let mut cluster = Self {
            programs: tools::postgres::require()?,
            folder,
            user: None,
        };
        if geteuid().is_root() {
            let (user, uid, gid) = unprivileged_user()?;
            chown(&cluster.folder, Some(uid), Some(gid))?;
            cluster.user = Some(user);
        }
        let mut initdb = cluster.program("initdb");
        initdb.args([
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-U",
            "app",
            "--no-sync",
        ]);
        process::read(initdb.arg("-D").arg(cluster.data()))?;
        let options = format!(
            "-c listen_addresses='' -c fsync=off -c max_connections=300 -c unix_socket_directories='{}'",
            cluster.folder.display()
        );
        let mut start = cluster.control("start");
        start
            .arg("-o")
            .arg(options)
            .arg("-l")
            .arg(cluster.folder.join("log"));
        process::run(start.stdout(std::process::Stdio::null()))?;
        Ok(cluster)
    }

    /// Makes an empty database and returns its address.
    pub(crate) fn database(&self, name: &str) -> Result<String> {
        self.psql("postgres", &["-c", &format!("create database {name}")])?;
        Ok(format!(
            "postgresql://app@localhost/{name}?host={}",
            self.folder.display()
        ))
    }

    /// Makes a database and applies the migrations to it, in their order. Returns its address.
    pub(crate) fn migrated(&self, database: &str, migrations: &Path) -> Result<String> {
        let address = self.database(database)?;
        for migration in ordered(migrations)? {
            let file = migration.to_string_lossy();
            self.psql(database, &["--single-transaction", "-f", &file])
                .with_context(|| format!("in {file}"))?;
        }
        Ok(address)
    }

    /// The client program.
    pub(crate) fn client(&self) -> PathBuf {
        let beside = self.programs.join("psql");
        if beside.exists() {
            beside
        } else {
            PathBuf::from("psql")
        }
    }

    fn psql(&self, database: &str, arguments: &[&str]) -> Result<()> {
        let mut psql = Command::new(self.client());
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "app",
            "-d",
            database,
            "-h",
        ])
        .arg(&self.folder)
        .args(arguments);
        process::read(&mut psql).map(drop)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn control(&self, act: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.args([act, "-w", "-s", "-D"]).arg(self.data());
        command
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        };
        // The user may not be allowed to stand where we stand.
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists()
            && let Err(error) = process::read(self.control("stop").args(["-m", "fast"]))
        {
            crate::step::warn(&format!("The cluster may still run: {error:#}"));
            return;
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The user of Debian's package, else the one that owns nothing.
fn unprivileged_user() -> Result<(String, u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").context("cannot read the list of users")?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| *name == wanted)?;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some((name.to_owned(), uid, gid))
        })
    };
    match find("postgres").or_else(|| find("nobody")) {
        Some(user) => Ok(user),
        None => bail!("no user to run Postgres as: there is neither `postgres` nor `nobody`"),
    }
}

/// The migrations of a folder by the number in front of their names.
pub(crate) fn ordered(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut numbered = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.extension().is_none_or(|ending| ending != "sql") {
            continue;
        }
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let number: u64 = name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("migration {name} has no number in front"))?;
        numbered.push((number, file));
    }
    numbered.sort();
    Ok(numbered.into_iter().map(|(_, file)| file).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_ordered_by_number_and_not_by_letter() {
        let folder = std::env::temp_dir().join(format!("xtask-order-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("creates");
        for name in ["10_later.sql", "9_first.sql", "notes.md"] {
            fs::write(folder.join(name), "").expect("writes");
        }
        let names = ordered(&folder).expect("orders");
        assert_eq!(
            names,
            [folder.join("9_first.sql"), folder.join("10_later.sql")]
        );
        fs::write(folder.join("nameless.sql"), "").expect("writes");
        assert!(ordered(&folder).is_err());
        fs::remove_dir_all(folder).expect("removes");
    }

    #[test]
    fn a_cluster_takes_migrations_and_leaves_nothing() {
        let migrations = std::env::temp_dir().join(format!("xtask-cluster-{}", std::process::id()));
        fs::create_dir_all(&migrations).expect("creates");
        fs::write(migrations.join("1_a.sql"), "create table a (b int);").expect("writes");
        let cluster = Cluster::start("test").expect("starts");
        let folder = cluster.folder.clone();
        let address = cluster.migrated("one", &migrations).expect("migrates");
        assert!(address.starts_with("postgresql://app@localhost/one?host=/var/tmp/"));
        fs::write(migrations.join("2_b.sql"), "select nothing from nowhere;").expect("writes");
        let refused = cluster.migrated("two", &migrations).expect_err("is wrong");
        assert!(format!("{refused:#}").contains("2_b.sql"), "{refused:#}");
        drop(cluster);
        assert!(!folder.exists());
        fs::remove_dir_all(migrations).expect("removes");
    }
}
