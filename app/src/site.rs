//! What the server tells every page about this installation.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Provided by the server as a context; handed on to the browser with the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Set while payments go to the simulated card processor: every page says so.
    pub sandbox: Option<SandboxLinks>,
}

/// Where the simulated world outside can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxLinks {
    /// The inbox that receives our e-mail.
    pub mailbox: String,
    /// Where faults can be asked for.
    pub control: String,
}

/// The address of the person's browser, as the server worked it out behind its proxies:
/// a request extension. Without it the peer's address is taken.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);
