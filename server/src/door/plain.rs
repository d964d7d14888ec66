//! Pages of a sentence or two, for doors beside the app.

use language::Language;

/// The whole document. The title is ours; content is markup in which nothing stands that others wrote.
pub(super) fn page(language: Language, title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang={} dir={}><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{title}</title><h1>{title}</h1>{content}</html>",
        language.tag(),
        language.direction()
    )
}
