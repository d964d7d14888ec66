//! What all parts of a running sandbox share.

use crate::{
    config::Config,
    state::{State, text},
    state_file::StateFile,
    stripe::webhook_endpoint,
};
use serde_json::json;
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// The state behind its lock, the configuration, and the bells of those who work when it changes.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: Config,
    state: Mutex<State>,
    /// Rings when events may be on their way.
    pub(crate) bell: Notify,
    /// Rings when calls are to be placed.
    pub(crate) dial: Notify,
    /// Rings when the state may differ from what was written to the file.
    pub(crate) changed: Notify,
    pub(crate) file: Option<StateFile>,
    /// For whatever the sandbox asks of the wallet.
    pub(crate) client: reqwest::Client,
}

pub(crate) type Shared = Arc<World>;

/// The state while nobody else has it.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    state: MutexGuard<'a, State>,
    changed: &'a Notify,
}

impl Deref for Held<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Held<'_> {
    /// Whoever may change the state is taken to have changed it.
    fn deref_mut(&mut self) -> &mut State {
        self.changed.notify_one();
        &mut self.state
    }
}

impl World {
    /// `config` holds the addresses that are really listened on. Continues from the state file,
    /// if there is one. Errors: it cannot be read, or cannot be written.
    pub(crate) fn new(config: Config, client: reqwest::Client) -> anyhow::Result<Shared> {
        let file = config.state_file.clone().map(StateFile::new);
        let saved = file.as_ref().map_or(Ok(None), StateFile::load)?;
        let state = match saved {
            Some(mut state) => {
                state.public_url = public_url(&config);
                tell_merchant(&mut state, &config);
                state.webhooks.begin_anew();
                state.switch.begin_anew();
                state
            }
            None => fresh(&config),
        };
        let world = Arc::new(Self {
            config,
            state: Mutex::new(state),
            bell: Notify::new(),
            dial: Notify::new(),
            client,
            changed: Notify::new(),
            file,
        });
        if let Some(file) = &world.file {
            file.save(&world)?;
        }
        Ok(world)
    }

    /// The state, with everything done that has become due.
    pub(crate) fn state(&self) -> Held<'_> {
        // A panic elsewhere is reported there; the data are replaced whole fields at a time.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.tick() {
            self.changed.notify_one();
        }
        Held {
            state,
            changed: &self.changed,
        }
    }

    /// Changes the state, then lets events go out.
    pub(crate) fn act<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.bell.notify_one();
        result
    }

    /// Forgets everything, as after a first start.
    pub(crate) fn reset(&self) {
        *self.state() = fresh(&self.config);
    }
}

fn fresh(config: &Config) -> State {
    let mut state = State::new(public_url(config));
    tell_merchant(&mut state, config);
    state
}

fn public_url(config: &Config) -> String {
    config.public_url.trim_end_matches('/').to_owned()
}

/// Makes the endpoint that the configuration asks for, or moves the one of the last run to where
/// the merchant listens now; its events that did not arrive go there too.
fn tell_merchant(state: &mut State, config: &Config) {
    match configured(state) {
        Some(id) if config.webhook_url.is_empty() => state.objects.remove(&id),
        Some(id) => {
            let now = json!({ "url": config.webhook_url, "_secret": config.webhook_secret });
            state.objects.update(&id, now);
        }
        None if config.webhook_url.is_empty() => {}
        None => {
            let about = json!({
                "description": "From the sandbox's configuration",
                "_configured": true,
            });
            webhook_endpoint::insert(state, &config.webhook_url, &config.webhook_secret, about);
        }
    }
}

fn configured(state: &State) -> Option<String> {
    let mut endpoints = state.objects.of_kind("webhook_endpoint");
    let found = endpoints.find(|endpoint| endpoint["_configured"] == true)?;
    Some(text(found, "id").to_owned())
}
