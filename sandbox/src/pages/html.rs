//! HTML by hand: every text goes through [`escape`].

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

/// Text safe in elements and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole page: the title as text, the body as HTML, always with the notice.
pub(crate) fn page(title: &str, body: &str) -> Response {
    page_with(StatusCode::OK, title, body)
}

pub(crate) fn page_with(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\">\
         <title>{}</title><style>{}</style></head>\
         <body><header class=\"notice\"><strong>Sandbox:</strong> no real money moves.</header>\
         <main>{body}</main></body></html>\n",
        escape(title),
        include_str!("../../templates/page.css"),
    );
    (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

/// A page that says one thing.
pub(crate) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text));
    page_with(status, title, &body)
}

/// "$1,025.00"; other currencies with their code.
pub(crate) fn money(cents: i64, currency: &str) -> String {
    let dollars = (cents.abs() / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in dollars.chars().enumerate() {
        if place > 0 && (dollars.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    let amount = format!("{grouped}.{:02}", cents.abs() % 100);
    match currency {
        "usd" | "" => format!("{sign}${amount}"),
        other => format!("{sign}{amount} {}", other.to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escape("<a b='c' d=\"&\">"),
            "&lt;a b=&#39;c&#39; d=&quot;&amp;&quot;&gt;"
        );
    }

    #[test]
    fn money_is_grouped() {
        assert_eq!(money(102_500, "usd"), "$1,025.00");
        assert_eq!(money(-5, "usd"), "\u{2212}$0.05");
        assert_eq!(money(100_000_000, "eur"), "1,000,000.00 EUR");
    }
}
