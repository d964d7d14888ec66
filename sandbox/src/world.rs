//! What all parts of a running sandbox share.

use crate::{config::Config, state::State, stripe::webhook_endpoint};
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The state behind its lock, the configuration, and the bell of the delivery worker.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: Config,
    state: Mutex<State>,
    pub(crate) bell: Notify,
}

pub(crate) type Shared = Arc<World>;

impl World {
    /// `config` holds the addresses that are really listened on.
    pub(crate) fn new(config: Config) -> Shared {
        let state = fresh(&config);
        Arc::new(Self {
            config,
            state: Mutex::new(state),
            bell: Notify::new(),
        })
    }

    /// The state, with everything done that has become due.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere is reported there; the data are replaced whole fields at a time.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tick();
        state
    }

    /// Changes the state, then lets events go out.
    pub(crate) fn act<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.bell.notify_one();
        result
    }

    /// Forgets everything, as after a restart.
    pub(crate) fn reset(&self) {
        *self.state() = fresh(&self.config);
    }
}

fn fresh(config: &Config) -> State {
    let mut state = State::new(config.public_url.trim_end_matches('/').to_owned());
    if !config.webhook_url.is_empty() {
        let about = json!({ "description": "From the sandbox's configuration" });
        webhook_endpoint::insert(
            &mut state,
            &config.webhook_url,
            &config.webhook_secret,
            about,
        );
    }
    state
}
