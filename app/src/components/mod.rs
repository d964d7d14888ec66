//! Parts used by two pages or more.

pub(crate) mod amount;
pub(crate) mod answered;
pub(crate) mod at_once;
pub(crate) mod banner;
pub(crate) mod header;
pub(crate) mod heading;
pub(crate) mod icon;
pub(crate) mod languages;
pub(crate) mod post_form;
pub(crate) mod refusal;
#[cfg(feature = "ssr")]
pub(crate) mod time_text;
pub(crate) mod trouble;
