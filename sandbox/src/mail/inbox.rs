//! The inbox as a page, and as JSON for tests.

use super::Message;
use crate::{
    clock,
    pages::html::{self, escape},
    world::Shared,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/mail", get(list))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/html", get(show_html))
        .route("/_sandbox/mail", get(read))
}

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
}

async fn read(State(world): State<Shared>, Query(filter): Query<Filter>) -> Json<Vec<Message>> {
    Json(
        world
            .state()
            .mailbox
            .newest(filter.to.as_deref())
            .cloned()
            .collect(),
    )
}

async fn list(State(world): State<Shared>, Query(filter): Query<Filter>) -> Response {
    let state = world.state();
    let row = |message: &Message| {
        format!(
            "<tr><td><a href=\"/mail/{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
            message.id,
            escape(&message.subject),
            escape(&message.to),
            clock::date_and_time(message.received_at),
        )
    };
    let rows: String = state
        .mailbox
        .newest(filter.to.as_deref())
        .map(row)
        .collect();
    let inbox = if rows.is_empty() {
        "<p>No messages yet. What the wallet sends appears here.</p>".to_owned()
    } else {
        format!(
            "<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>Subject</th><th>To</th>\
             <th>Received</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    };
    let body = format!(
        "<h1>Mail</h1><p class=\"soft\">Nothing leaves this machine. \
         <a href=\"/mail\">Look again</a> · <a href=\"/_sandbox\">Control page</a></p>{inbox}"
    );
    html::page("Sandbox mail", &body)
}

async fn show(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    let Some(message) = state.mailbox.find(&id) else {
        return gone();
    };
    let html = if message.html.is_empty() {
        String::new()
    } else {
        format!("<p><a href=\"/mail/{id}/html\">As HTML</a></p>")
    };
    let body = format!(
        "<p><a href=\"/mail\">All mail</a></p><h1>{}</h1>\
         <dl><dt>From</dt><dd>{}</dd><dt>To</dt><dd>{}</dd><dt>Received</dt><dd>{}</dd></dl>\
         <pre>{}</pre>{html}",
        escape(&message.subject),
        escape(&message.from),
        escape(&message.to),
        clock::date_and_time(message.received_at),
        linked(&message.text),
    );
    html::page(&message.subject, &body)
}

/// The HTML part by itself, where nothing in it can run or load.
async fn show_html(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    let Some(message) = state.mailbox.find(&id) else {
        return gone();
    };
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(message.html.clone())).into_response()
}

fn gone() -> Response {
    html::message(
        StatusCode::NOT_FOUND,
        "No such message",
        "It may have been forgotten.",
    )
}

/// Escaped text in which links can be followed.
fn linked(text: &str) -> String {
    let mut linked = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if bare.starts_with("http://") || bare.starts_with("https://") {
            let safe = escape(bare);
            linked.push_str(&format!(
                "<a href=\"{safe}\">{safe}</a>{}",
                &word[bare.len()..]
            ));
        } else {
            linked.push_str(&escape(word));
        }
    }
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_made_of_addresses_only() {
        let text = "Go to https://x.example/?a=1&b=2 now, not javascript:alert(1) <b>";
        assert_eq!(
            linked(text),
            "Go to <a href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a> \
             now, not javascript:alert(1) &lt;b&gt;"
        );
    }
}
