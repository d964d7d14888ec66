//! Other programs: run to their end, or kept running and stopped by pid.

use std::env;
use std::io::{BufRead, BufReader};
use std::iter;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::step::warn;
use crate::{place, signals};

/// How long a program may take to stop by itself before it is killed.
const GRACE: Duration = Duration::from_secs(12);

/// Between two looks at a program that is running.
const PAUSE: Duration = Duration::from_millis(20);

/// Cargo, started from the root of the checkout as a person would start it.
///
/// `cargo run` leaves the variables of the xtask package in the environment. Build scripts that
/// watch them would run again each time people and xtask take turns, so they are taken away.
pub(crate) fn cargo() -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || ["CARGO", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "OUT_DIR"].contains(&text.as_ref())
        {
            command.env_remove(&name);
        }
    }
    command.current_dir(place::root());
    command
}

/// Runs a program to its end, its output going where ours goes.
///
/// When we are asked to stop, so is the program.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    loop {
        if let Some(status) = child.try_wait()? {
            signals::refuse_after_stop()?;
            return require_success(command, status);
        }
        if signals::stop_requested() {
            terminate(&mut child, "the program");
        }
        sleep(PAUSE);
    }
}

/// Runs a program to its end, passing on what it prints, and returns whether it succeeded and
/// what it printed. When we are asked to stop, so is the program.
pub(crate) fn run_and_read(command: &mut Command) -> Result<(bool, String)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let pipe = child.stdout.take().expect("the output is piped");
    let reader = thread::spawn(move || {
        let mut printed = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            println!("{line}");
            printed.push_str(&line);
            printed.push('\n');
        }
        printed
    });
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if signals::stop_requested() {
            terminate(&mut child, "the program");
        }
        sleep(PAUSE);
    };
    let printed = reader.join().unwrap_or_default();
    Ok((status.success(), printed))
}

/// Runs a program to its end and returns what it printed; a failure carries what it complained.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    bail!(
        "{} ended with {}: {complaint}",
        shown(command),
        output.status
    )
}

fn require_success(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{} ended with {status}", shown(command))
}

/// A command line as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words: Vec<_> = iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

/// A program kept running. Dropping it stops it.
pub(crate) struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    /// Starts a program in a process group of its own, so that Ctrl-C reaches us and not it:
    /// the order of stopping is ours to choose.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        Ok(Self { name, child })
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How the program ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks the program to stop, waits, and kills it when it does not. A repeat does nothing.
    pub(crate) fn stop(&mut self) {
        terminate(&mut self.child, self.name);
    }
}

/// Ends a child: SIGTERM, a bounded wait, SIGKILL.
fn terminate(child: &mut Child, name: &str) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    // The pid is still ours: the child was not yet waited for, so it cannot be reused.
    let _ = kill_process(Pid::from_child(child), Signal::TERM);
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        sleep(PAUSE);
    }
    warn(&format!("{name} did not stop in time and is killed."));
    let _ = child.kill();
    let _ = child.wait();
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_program_ends_when_it_is_dropped() {
        let running = Running::start("sleep", Command::new("sleep").arg("600")).expect("starts");
        let pid = running.child.id();
        drop(running);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn a_failing_program_is_named_with_its_complaint() {
        let error = read(Command::new("ls").arg("/no/such/place")).expect_err("fails");
        assert!(error.to_string().contains("ls /no/such/place"), "{error}");
        assert!(error.to_string().contains("No such file"), "{error}");
    }
}
