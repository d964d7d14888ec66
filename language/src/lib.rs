//! What people read: every sentence in every language, with its plurals, amounts and numbers.
//!
//! The sentences stand in `words/`, one file for each noun, each sentence in all languages beside
//! each other. The build makes constants of them (`build.rs`) and refuses one that a language lacks.
//!
//! The program in the browser holds none of them: a page brings the sentences that the browser's
//! half says, in the language of the page ([`for_browser`]), and the browser hears them once
//! ([`hear`]). So five languages weigh there what one does, and it takes neither the rules of
//! plurals nor their data along.

mod amount;
#[cfg(not(target_arch = "wasm32"))]
mod device;
#[cfg(target_arch = "wasm32")]
mod heard;
#[cfg(not(target_arch = "wasm32"))]
mod month;
#[cfg(not(target_arch = "wasm32"))]
pub mod notice;
mod sentence;
mod tongue;
#[cfg(not(target_arch = "wasm32"))]
mod written;

pub use amount::{balance, digits, exact, price, signed, whole_dollars};
#[cfg(not(target_arch = "wasm32"))]
pub use device::device;
#[cfg(target_arch = "wasm32")]
pub use heard::{for_browser, hear, heard};
#[cfg(not(target_arch = "wasm32"))]
pub use month::{month, short_month};
pub use sentence::{MARK, Sentence, Value, around, link};
pub use tongue::Language;
#[cfg(not(target_arch = "wasm32"))]
pub use written::{for_browser, hear, heard};

#[cfg(not(target_arch = "wasm32"))]
use written::Form;

include!(concat!(env!("OUT_DIR"), "/said.rs"));

/// Tells a sentence: `tell!(language, home::TITLE)`, `tell!(language, add_credit::LIMITS, from = low, to = high)`.
///
/// Names that are not the sentence's placeholders end the build.
#[macro_export]
macro_rules! tell {
    ($language:expr, $noun:ident :: $key:ident $(, $hole:ident = $value:expr)* $(,)?) => {{
        const { assert!($crate::said::$noun::$key.takes(&[$(stringify!($hole)),*]), "not the placeholders of this sentence") };
        $crate::said::$noun::$key.tell($language, &[$((stringify!($hole), $crate::Value::from($value))),*])
    }};
}
