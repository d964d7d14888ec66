//! What only a browser can do. Called from effects and events, which never run on the server;
//! compiled on both sides, so that pages need no conditional code.

mod form;
mod meters;

pub(crate) use form::{SentForm, TYPING_PAUSE, eager_form, field_value, sent_form};
pub(crate) use meters::keep_counting;

use std::time::Duration;

use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::*;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Event, EventSource, FormData, Headers, HtmlDocument, HtmlElement, RequestInit,
    Response, UrlSearchParams,
};

use crate::ask::Reply;
use crate::error::AppError;

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
    /// Hears events of this name. The server says one as soon as the connection opens: what was said before
    /// is lost.
    pub(crate) fn open(address: &str, name: &str, hear: impl Fn() + 'static) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let hear = Closure::<dyn Fn()>::new(hear);
        source
            .add_event_listener_with_callback(name, hear.as_ref().unchecked_ref())
            .ok()?;
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

/// What the server said to a form, when it did not refuse.
pub(crate) enum Answer {
    Done,
    /// The person should go on there.
    GoTo(String),
}

/// Sends a form's fields to a server function of ours.
pub(crate) async fn post(address: &str, fields: FormData) -> Result<Answer, AppError> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields);
    let fields = fields.map_err(|_| AppError::Unreachable)?;
    let sent = fetch(address, "application/x-www-form-urlencoded", &fields).await;
    let response = sent.ok_or(AppError::Unreachable)?;
    let header = |name| response.headers().get(name).ok().flatten();
    let redirected = header(REDIRECT_HEADER).is_some();
    // A refusal may lead on too: to sign in again, say.
    if let Some(location) = header("location").filter(|_| redirected) {
        return Ok(Answer::GoTo(location));
    }
    if response.ok() {
        return Ok(Answer::Done);
    }
    let body = text(&response).await.ok_or(AppError::Unreachable)?;
    Err(AppError::de(body.into()))
}

/// Asks a server function of ours.
pub(crate) fn ask(
    address: &'static str,
    question: String,
) -> impl Future<Output = Reply> + Send + 'static {
    // A browser has one thread, so nothing is ever sent to another.
    SendWrapper::new(async move {
        match received(address, &question).await {
            Some((is_answer, body)) => Reply::received(is_answer, body),
            None => Reply::refusal(AppError::Unreachable),
        }
    })
}

/// Whether it was answered, and what with.
async fn received(address: &str, question: &str) -> Option<(bool, String)> {
    let response = fetch(address, "text/plain", &JsValue::from_str(question)).await?;
    Some((response.ok(), text(&response).await?))
}

async fn fetch(address: &str, content_type: &str, body: &JsValue) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("accept", "application/json").ok()?;
    headers.set("content-type", content_type).ok()?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(body);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await;
    answer.ok()?.dyn_into().ok()
}

async fn text(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}

/// How long a button says what it did.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Puts a text on the clipboard; the button that was pressed says that it got there.
pub(crate) fn copy_by(button: Element, text: String) {
    spawn_local(async move {
        let written = window().navigator().clipboard().write_text(&text);
        if JsFuture::from(written).await.is_ok() {
            button.set_text_content(Some(&say!(shell::COPIED)));
            let again = move || button.set_text_content(Some(&say!(shell::COPY)));
            set_timeout(again, SAID_FOR);
        }
    });
}

/// Puts an address in the place of the present one, without going there.
pub(crate) fn replace_address(address: &str) {
    // Refused only to documents without an address of their own, which we are not.
    let _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
}

/// Whether the page has a part with this id.
pub(crate) fn has_part(id: &str) -> bool {
    document().get_element_by_id(id).is_some()
}

/// Whether something on the page waits to be told more.
pub(crate) fn is_waiting() -> bool {
    let waiting = document().query_selector("#live [data-waits]");
    waiting.is_ok_and(|waiting| waiting.is_some())
}

/// Puts the part with this id out of newly written markup into the place of the old one.
pub(crate) fn replace_part(id: &str, markup: &str) {
    let Ok(fresh) = document().create_element("div") else {
        return;
    };
    fresh.set_inner_html(markup);
    let fresh = fresh.query_selector(&format!("#{id}")).ok().flatten();
    if let (Some(fresh), Some(old)) = (fresh, document().get_element_by_id(id)) {
        let focused = document().active_element().map(|element| element.id());
        old.set_inner_html(&fresh.inner_html());
        if let Some(focused) = focused.filter(|id| !id.is_empty()) {
            focus(document().get_element_by_id(&focused));
        }
    }
}

/// What an event is about.
pub(crate) fn pressed(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Says a text in the element right after this one.
pub(crate) fn say_beside(element: &Element, text: &str) {
    if let Some(beside) = element.next_element_sibling() {
        beside.set_text_content(Some(text));
    }
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails on an element that is gone again: then there is nothing to focus.
        let _ = element.focus();
    }
}

/// Puts the focus on the heading of the page, once it is drawn.
pub(crate) fn focus_heading() {
    request_animation_frame(|| focus(document().query_selector("main h1").ok().flatten()));
}
