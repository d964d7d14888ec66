//! Bodies that no wallet should understand.

use super::line::Step;

/// What is sent before the proper request of this number; never a body that could be meant.
pub(super) fn body(step: Step, number: usize) -> &'static str {
    let bodies: &[&str] = match step {
        Step::Authorize => &[
            "",
            "{",
            "[]",
            r#"{"call_id":7,"to":true}"#,
            r#"{"call_id":"","to":""}"#,
            r#"{"call_id":"garbled"}"#,
        ],
        Step::Answer => &["{", "answer", "\u{0}"],
        Step::Update => &[
            "",
            r#"{"seq":"#,
            r#"{"seq":"one","talked_seconds":15}"#,
            r#"{"seq":1,"talked_seconds":-15}"#,
            r#"{"seq":1}"#,
            r#"{"talked_seconds":15}"#,
        ],
        Step::End => &[
            "",
            "null",
            r#"{"talked_seconds":"long","cause":"garbled"}"#,
            r#"{"talked_seconds":-1,"cause":"garbled"}"#,
            r#"{"cause":"garbled"}"#,
        ],
        // A report of nothing is well formed, and says nothing.
        Step::Report => &["[]", "{}", r#"[{"call_id":"garbled"}]"#, "[null]"],
    };
    bodies[number % bodies.len()]
}
