//! A wallet that runs: the server, and the sandbox that stands for the world outside.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::port::Ports;
use crate::process::{self, Running};
use crate::step::step;
use crate::{place, signals};

/// How long a program may take from its start to its first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to run, and with what around it.
pub(crate) struct Plan {
    pub(crate) ports: Ports,
    pub(crate) release: bool,
    /// Where the programs' own words go.
    pub(crate) logs: PathBuf,
    /// Variables for the server and its sub-commands, beside the ports.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Variables that a person may have set and that must not reach the server.
    pub(crate) removed: &'static [&'static str],
    /// Variables for the sandbox, beside the ports.
    pub(crate) sandbox_variables: Vec<(&'static str, String)>,
}

impl Plan {
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.ports.server)
    }

    pub(crate) fn sandbox(&self) -> String {
        format!("http://localhost:{}", self.ports.sandbox)
    }

    /// Compiles both programs.
    pub(crate) fn compile(&self) -> Result<()> {
        step(
            "Compiling the server and the sandbox",
            "read the compiler's message above.",
            || {
                let mut cargo = process::cargo();
                cargo.args(["build", "--package", "server", "--package", "sandbox"]);
                if self.release {
                    cargo.arg("--release");
                }
                process::run(&mut cargo)
            },
        )
    }

    fn program(&self, name: &str) -> PathBuf {
        let profile = if self.release { "release" } else { "debug" };
        place::target().join(profile).join(name)
    }

    /// The server's program with its configuration, ready for a sub-command.
    pub(crate) fn server(&self) -> Command {
        let Ports {
            server,
            sandbox,
            mail,
        } = self.ports;
        let mut command = Command::new(self.program("server"));
        command.current_dir(place::root());
        for name in self.removed {
            command.env_remove(name);
        }
        command
            .env("LISTEN_ADDRESS", format!("127.0.0.1:{server}"))
            .env("SITE_ROOT", place::site())
            .env("SANDBOX_URL", self.sandbox());
        // What a person has set for real mail or real Stripe stays as it is.
        let defaults = [
            ("PUBLIC_ORIGIN", self.origin()),
            ("SMTP_URL", format!("smtp://127.0.0.1:{mail}")),
            ("STRIPE_API_BASE", format!("http://127.0.0.1:{sandbox}/")),
        ];
        let real_stripe = self.is_set("STRIPE_SECRET_KEY");
        for (name, value) in defaults {
            let for_real = name == "STRIPE_API_BASE" && real_stripe;
            if self.is_set(name) || for_real {
                continue;
            }
            command.env(name, value);
        }
        command.envs(self.variables.iter().cloned());
        command
    }

    fn is_set(&self, name: &str) -> bool {
        std::env::var_os(name).is_some() && !self.removed.contains(&name)
    }

    fn sandbox_command(&self) -> Command {
        let Ports {
            server,
            sandbox,
            mail,
        } = self.ports;
        let mut command = Command::new(self.program("sandbox"));
        command
            .current_dir(place::root())
            .env("SANDBOX_ADDRESS", format!("127.0.0.1:{sandbox}"))
            .env("SANDBOX_SMTP_ADDRESS", format!("127.0.0.1:{mail}"))
            .env("SANDBOX_PUBLIC_URL", self.sandbox())
            .env(
                "SANDBOX_WEBHOOK_URL",
                format!("http://127.0.0.1:{server}/stripe/webhook"),
            )
            .env("SANDBOX_WALLET_URL", format!("http://127.0.0.1:{server}"))
            .envs(self.sandbox_variables.iter().cloned());
        command
    }

    /// Starts the sandbox and waits until it answers.
    pub(crate) fn start_sandbox(&self) -> Result<Running> {
        step("Starting the sandbox", &self.log_advice("sandbox"), || {
            self.start(
                "sandbox",
                self.sandbox_command(),
                self.ports.sandbox,
                "/_sandbox/health",
            )
        })
    }

    /// Starts the server and waits until it is ready to serve.
    pub(crate) fn start_server(&self) -> Result<Running> {
        step("Starting the server", &self.log_advice("server"), || {
            self.start("server", self.server(), self.ports.server, "/readyz")
        })
    }

    fn start(
        &self,
        name: &'static str,
        mut command: Command,
        port: u16,
        path: &str,
    ) -> Result<Running> {
        fs::create_dir_all(&self.logs)?;
        let log = File::create(self.log(name)).context("cannot write a log file")?;
        command.stdout(log.try_clone()?).stderr(log);
        let mut running = Running::start(name, &mut command)?;
        let deadline = Instant::now() + PATIENCE;
        while !answers(port, path) {
            signals::refuse_after_stop()?;
            if let Some(status) = running.ended()? {
                bail!("it ended with {status}:\n{}", self.last_words(name));
            }
            if Instant::now() > deadline {
                bail!(
                    "no answer from {path} in {} s:\n{}",
                    PATIENCE.as_secs(),
                    self.last_words(name)
                );
            }
            sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    fn log_advice(&self, name: &str) -> String {
        format!("read its own words in {}.", place::shown(&self.log(name)))
    }

    /// The end of a program's log.
    pub(crate) fn last_words(&self, name: &str) -> String {
        last_lines(&self.log(name), 20)
    }
}

fn last_lines(file: &Path, count: usize) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Whether a GET of this path is answered with 200.
fn answers(port: u16, path: &str) -> bool {
    get(port, path).is_ok_and(|status| status == 200)
}

fn get(port: u16, path: &str) -> Result<u16> {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )?;
    // The status line is all we want: "HTTP/1.1 200 OK".
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    let text = std::str::from_utf8(&start)?;
    let status = text.split(' ').nth(1).context("no status line")?;
    Ok(status.parse()?)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_status_of_an_answer_is_read() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
        let port = listener.local_addr().expect("has an address").port();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("accepts");
            let mut request = [0; 512];
            let _ = stream.read(&mut request).expect("reads");
            stream
                .write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
                .expect("writes");
        });
        assert_eq!(get(port, "/readyz").expect("answers"), 503);
        served.join().expect("ends");
        assert!(!answers(port, "/readyz"), "nobody listens any more");
    }

    #[test]
    fn the_last_lines_of_a_short_log_are_all_of_it() {
        let file = std::env::temp_dir().join(format!("xtask-log-{}", std::process::id()));
        fs::write(&file, "one\ntwo\nthree\n").expect("writes");
        assert_eq!(last_lines(&file, 2), "two\nthree");
        assert_eq!(last_lines(&file, 20), "one\ntwo\nthree");
        fs::remove_file(file).expect("removes");
    }
}
