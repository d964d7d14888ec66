//! What a page says of itself to search engines.

/// The part of the document's head that depends on the address: the server fills it in
/// (`context/head.rs`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(crate) description: String,
    /// The one address of a page that has several; none for pages that are nobody else's business.
    pub(crate) canonical: Option<String>,
    /// What `public/page.js` says, in the language of the request: a JSON object.
    pub(crate) said_by_script: String,
}
