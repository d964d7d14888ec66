//! What only a browser can do. Called from effects and events, which never run on the server;
//! compiled on both sides, so that pages need no conditional code.

use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventSource, HtmlDocument, HtmlInputElement};

/// Keeps the browser's time zone in a cookie, for the server to write times in.
/// True when it was not there yet, or was another one.
pub(crate) fn remember_time_zone() -> bool {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"));
    let Some(zone) = zone.ok().and_then(|zone| zone.as_string()) else {
        return false;
    };
    let page: HtmlDocument = document().unchecked_into();
    let cookie = format!("time_zone={zone}");
    if page
        .cookie()
        .unwrap_or_default()
        .split("; ")
        .any(|kept| kept == cookie)
    {
        return false;
    }
    let year = 365 * 24 * 60 * 60;
    page.set_cookie(&format!("{cookie}; Path=/; Max-Age={year}; SameSite=Lax"))
        .is_ok()
}

/// A connection over which the server says that something changed. Closed when dropped.
pub(crate) struct Hints {
    source: EventSource,
    _hear: Closure<dyn Fn()>,
}

impl Hints {
    /// Hears events of this name, and each time the connection opens: what was said before is lost.
    pub(crate) fn open(address: &str, name: &str, hear: impl Fn() + 'static) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let hear = Closure::<dyn Fn()>::new(hear);
        for event in [name, "open"] {
            source
                .add_event_listener_with_callback(event, hear.as_ref().unchecked_ref())
                .ok()?;
        }
        Some(Self {
            source,
            _hear: hear,
        })
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Whether someone can see the page.
pub(crate) fn is_visible() -> bool {
    !document().hidden()
}

/// Whether the person asked their system for less motion.
fn prefers_stillness() -> bool {
    let query = window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten();
    query.is_some_and(|query| query.matches())
}

/// How long a figure takes to reach its new value.
const COUNT_MILLISECONDS: i64 = 400;

/// Shows whole cents on their way from one value to another, and ends on the last.
/// At once for those who asked for less motion, and where nobody looks.
pub(crate) fn count(from: i64, to: i64, show: impl Fn(i64) + 'static) {
    if prefers_stillness() || !is_visible() {
        show(to);
        return;
    }
    count_step(from, to, milliseconds(), show);
}

fn count_step(from: i64, to: i64, started: i64, show: impl Fn(i64) + 'static) {
    request_animation_frame(move || {
        let left = COUNT_MILLISECONDS - (milliseconds() - started);
        if left <= 0 {
            show(to);
            return;
        }
        // Fast first, then slower: the distance left shrinks with the square of the time left.
        let distance = (to - from) * left * left / (COUNT_MILLISECONDS * COUNT_MILLISECONDS);
        show(to - distance);
        count_step(from, to, started, show);
    });
}

/// Milliseconds on a clock that only moves forward.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a page is open for less than 2^63 ms"
)]
fn milliseconds() -> i64 {
    window().performance().map_or(0, |clock| clock.now() as i64)
}

/// What a field of the document holds now: people choose and type before scripts run.
pub(crate) fn field_value(within: &Element, selector: &str) -> Option<String> {
    let field = within.query_selector(selector).ok().flatten()?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

/// Puts a text on the clipboard, and says whether it got there.
pub(crate) async fn copy(text: &str) -> bool {
    let written = window().navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.is_ok()
}
