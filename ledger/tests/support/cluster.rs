//! A Postgres cluster of its own, thrown away afterwards: for what no shared one may suffer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// How long a start, or a recovery after a crash, may take.
const START_WITHIN: Duration = Duration::from_secs(60);

pub(crate) struct Cluster {
    binaries: PathBuf,
    directory: PathBuf,
    settings: Vec<String>,
    postmaster: Option<Child>,
}

impl Cluster {
    /// Makes and starts a cluster with these settings (`fsync=on`), on a socket of its own.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = PathBuf::from(format!(
            "/var/tmp/wallet-throwaway-{}-{number}",
            std::process::id()
        ));
        fs::create_dir_all(&directory).unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&directory));
        }
        let mut cluster = Self {
            binaries: binaries(),
            directory,
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            postmaster: None,
        };
        let data = cluster.data();
        run(cluster
            .command("initdb")
            .args([
                "-A",
                "trust",
                "-U",
                "wallet",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
                "-D",
            ])
            .arg(data));
        cluster.resume();
        cluster
    }

    /// How to connect as the owner.
    pub(crate) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new()
            .socket(&self.directory)
            .username("wallet")
            .database("postgres")
    }

    /// Starts again after a crash and waits until it answers.
    pub(crate) fn resume(&mut self) {
        let mut server = self.command("postgres");
        server
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(&self.directory)
            .args(["-c", "listen_addresses="]);
        for setting in &self.settings {
            server.args(["-c", setting]);
        }
        let log = fs::File::create(
            self.directory
                .join(format!("log-{}", COUNT.fetch_add(1, Ordering::Relaxed))),
        )
        .unwrap();
        self.postmaster = Some(server.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let deadline = Instant::now() + START_WITHIN;
        loop {
            let mut ready = self.command("pg_isready");
            ready.arg("-h").arg(&self.directory).args(["-U", "wallet"]);
            if ready.stdout(Stdio::null()).status().unwrap().success() {
                return;
            }
            assert!(Instant::now() < deadline, "the cluster did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the postmaster and all its children at once, and waits until all are gone.
    pub(crate) fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else {
            return;
        };
        let family = children(postmaster.id());
        let mut all = vec![postmaster.id()];
        all.extend(&family);
        run(Command::new("kill")
            .arg("-9")
            .args(all.iter().map(u32::to_string)));
        postmaster.wait().unwrap();
        let deadline = Instant::now() + START_WITHIN;
        while family.iter().any(|pid| is_alive(*pid)) {
            assert!(Instant::now() < deadline, "a killed process stayed");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Postgres refuses to run as root: then it runs as its own user.
    fn command(&self, program: &str) -> Command {
        let path = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.directory);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(postmaster) = &mut self.postmaster {
            // An immediate stop: nobody needs what is in it.
            let _ = Command::new("kill")
                .args(["-QUIT", &postmaster.id().to_string()])
                .status();
            let _ = postmaster.wait();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Where Postgres is: named, on the path, or where Debian puts it.
fn binaries() -> PathBuf {
    let has_it = |folder: &Path| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|program| folder.join(program).exists())
    };
    if let Some(named) = std::env::var_os("PG_BINDIR") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&path).find(|folder| has_it(folder)) {
        return found;
    }
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|found| {
            found
                .filter_map(Result::ok)
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    versions.retain(|folder| has_it(folder));
    versions.sort();
    versions
        .pop()
        .expect("Postgres is installed: the package postgresql")
}

fn children(parent: u32) -> Vec<u32> {
    let status_names_parent = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| {
            status
                .lines()
                .any(|line| line == format!("PPid:\t{parent}"))
        })
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(status_names_parent)
        .collect()
}

fn is_alive(pid: u32) -> bool {
    // A killed child of a killed parent may stay as a zombie until it is reaped.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    })
}
