//! Being asked to stop: Ctrl-C, `kill`, a closed terminal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on a signal no longer ends us at once: we stop what we started, then end.
pub(crate) fn watch() -> Result<()> {
    let flag = STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .context("cannot watch for signals")?;
    }
    Ok(())
}

/// Whether somebody asked us to stop.
pub(crate) fn stop_requested() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Fails once somebody asked us to stop, so that no further step begins.
pub(crate) fn refuse_after_stop() -> Result<()> {
    if stop_requested() {
        bail!("stopped on request");
    }
    Ok(())
}
