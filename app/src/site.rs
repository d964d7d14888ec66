//! What the server tells every page about this installation.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::wire::{self, NotOurs};

/// Provided by the server as a context; handed on to the browser with the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Set while payments go to the simulated card processor: every page says so.
    pub sandbox: Option<SandboxLinks>,
}

/// As it is sent with the page.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wire::write(self))
    }
}

impl FromStr for Site {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        wire::read(text)
    }
}

/// Where the simulated world outside can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxLinks {
    /// The inbox that receives our e-mail.
    pub mailbox: String,
    /// Where faults can be asked for.
    pub control: String,
}

/// What browsers subscribe to messages with: provided by the server as a context, none where it
/// sends no messages.
#[derive(Clone, Debug, Default)]
pub struct PushKey(pub Option<String>);

/// The address of the person's browser, as the server worked it out behind its proxies:
/// a request extension. Without it the peer's address is taken.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);
