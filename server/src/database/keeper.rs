//! Who runs the cluster: Postgres refuses to run as root, so root hands it to a lesser account.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// The account that owns the files and runs the programs of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// We ourselves.
    Us,
    /// Another account, because we are root.
    Other { uid: u32, gid: u32 },
}

impl Keeper {
    pub(super) fn find() -> anyhow::Result<Self> {
        let uid = std::fs::metadata("/proc/self")
            .context("find out who runs this program")?
            .uid();
        if uid != 0 {
            return Ok(Self::Us);
        }
        let accounts =
            std::fs::read_to_string("/etc/passwd").context("read the accounts of this machine")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| account(&accounts, name))
            .map(|(uid, gid)| Self::Other { uid, gid })
            .context("run Postgres: it refuses to run as root, and there is no account `postgres` or `nobody`")
    }

    /// A command that runs as this account.
    pub(super) fn command(self, program: &Path) -> Command {
        match self {
            Self::Us => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={uid}"))
                    .arg(format!("--regid={gid}"))
                    .args(["--clear-groups", "--"])
                    .arg(program);
                command
            }
        }
    }

    /// Whether this account can reach the directory through all of its parents.
    pub(super) fn can_enter(self, dir: &Path) -> bool {
        let test = self.command(Path::new("test")).arg("-x").arg(dir).status();
        test.is_ok_and(|status| status.success())
    }

    pub(super) fn own(self, dir: &Path) -> anyhow::Result<()> {
        if let Self::Other { uid, gid } = self {
            std::os::unix::fs::chown(dir, Some(uid), Some(gid))
                .with_context(|| format!("hand {} to Postgres", dir.display()))?;
        }
        Ok(())
    }
}

/// User and group id of an account, from the lines of `/etc/passwd`.
fn account(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0::/:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:105:113::/:/bin/bash\n";
        assert_eq!(account(accounts, "postgres"), Some((105, 113)));
        assert_eq!(account(accounts, "nobody"), None);
    }
}
