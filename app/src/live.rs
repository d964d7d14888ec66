//! How a page hears that the books changed: a hint to ask again, never the news itself.

use std::time::Duration;

use leptos::prelude::*;

use crate::browser::{self, Hints};

/// Counts the hints. Whatever depends on it is asked for again.
#[derive(Clone, Copy, Default)]
pub(crate) struct Live(RwSignal<u64>);

/// A hint can be lost with its connection; this often we ask without one.
const ASK_AGAIN: Duration = Duration::from_secs(60);

impl Live {
    /// The count, to depend on.
    pub(crate) fn track(self) -> u64 {
        self.0.get()
    }

    pub(crate) fn refresh(self) {
        self.0.update(|count| *count += 1);
    }

    fn refresh_if_seen(self) {
        if browser::is_visible() {
            self.refresh();
        }
    }

    /// Asks again when the server says so, when the page is looked at again, and every minute.
    /// Call it in an effect; it stops with its owner.
    pub(crate) fn listen(self) {
        let hints = Hints::open("/wallet/events", "changed", move || self.refresh());
        // Owned by the effect: dropped, and so closed, together with it.
        StoredValue::new_local(hints);
        let returned =
            window_event_listener_untyped("visibilitychange", move |_| self.refresh_if_seen());
        let ticking = set_interval_with_handle(move || self.refresh_if_seen(), ASK_AGAIN).ok();
        on_cleanup(move || {
            returned.remove();
            if let Some(ticking) = ticking {
                ticking.clear();
            }
        });
    }
}
