//! Network ports: which are free, and who has the others.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// The three ports of one running wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) sandbox: u16,
    pub(crate) mail: u16,
}

impl Ports {
    /// The usual ports are 3000, 3010 and 3025; another first one moves all three.
    pub(crate) fn from_first(server: u16) -> Result<Self> {
        let (Some(sandbox), Some(mail)) = (server.checked_add(10), server.checked_add(25)) else {
            bail!("port {server} is too high: the sandbox uses the ones 10 and 25 above it");
        };
        Ok(Self {
            server,
            sandbox,
            mail,
        })
    }

    /// Three ports nobody uses, chosen by the system.
    pub(crate) fn free() -> Result<Self> {
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        // All three are held until all are chosen, else one could be given twice.
        let listeners = [bind()?, bind()?, bind()?];
        let [server, sandbox, mail] = listeners.each_ref().map(TcpListener::local_addr);
        Ok(Self {
            server: server?.port(),
            sandbox: sandbox?.port(),
            mail: mail?.port(),
        })
    }

    /// Fails when one of the ports is taken, saying by whom and what to do.
    pub(crate) fn require_free(&self) -> Result<()> {
        for (port, what) in [
            (self.server, "server"),
            (self.sandbox, "sandbox"),
            (self.mail, "sandbox's mail"),
        ] {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                continue;
            }
            match holder(port) {
                Some((pid, name)) => {
                    bail!("port {port}, wanted for the {what}, is taken by {name} (pid {pid})")
                }
                None => bail!("port {port}, wanted for the {what}, is taken by another program"),
            }
        }
        Ok(())
    }
}

/// The process that listens on a port of this machine, as far as we may see.
fn holder(port: u16) -> Option<(u32, String)> {
    let socket = format!("socket:[{}]", listening_inode(port)?);
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(files) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let owns = files.flatten().any(|file| {
            fs::read_link(file.path()).is_ok_and(|link| link.to_string_lossy() == socket)
        });
        if owns {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some((pid, name.trim().to_owned()));
        }
    }
    None
}

fn listening_inode(port: u16) -> Option<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|table| inode_in(&table, port))
}

/// Finds the inode of the socket that listens on a port in a table as the kernel prints it.
fn inode_in(table: &str, port: u16) -> Option<String> {
    const LISTENING: &str = "0A";
    let wanted = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let listens = columns.get(1)?.ends_with(&wanted) && *columns.get(3)? == LISTENING;
        listens.then(|| columns.get(9).map(ToString::to_string))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_is_found_by_name() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
        let port = listener.local_addr().expect("has an address").port();
        let (pid, _) = holder(port).expect("we hold it");
        assert_eq!(pid, std::process::id());
        let ports = Ports {
            server: port,
            sandbox: port,
            mail: port,
        };
        let refusal = ports.require_free().expect_err("is taken").to_string();
        assert!(
            refusal.contains(&format!("pid {}", std::process::id())),
            "{refusal}"
        );
    }

    #[test]
    fn connections_on_a_port_are_not_listeners() {
        let table = "  sl  local_address rem_address   st tx rx tr tm retr uid timeout inode\n\
             0: 0100007F:0BB8 0100007F:1234 01 0:0 0:0 0 0 0 777 1\n\
             1: 0100007F:0BB8 00000000:0000 0A 0:0 0:0 0 0 0 888 1\n";
        assert_eq!(inode_in(table, 3000), Some("888".to_owned()));
        assert_eq!(inode_in(table, 3001), None);
    }

    #[test]
    fn one_port_moves_all_three() {
        let ports = Ports::from_first(4000).expect("fits");
        assert_eq!((ports.sandbox, ports.mail), (4010, 4025));
        assert!(Ports::from_first(65_530).is_err());
    }
}
