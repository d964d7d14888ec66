//! What a person filled in and sent, as a browser holds it.

use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, FormData, HtmlFormElement, HtmlInputElement, SubmitEvent, UrlSearchParams,
};

/// What a field of the document holds now: people choose and type before scripts run.
pub(crate) fn field_value(within: &Element, selector: &str) -> Option<String> {
    let field = within.query_selector(selector).ok().flatten()?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

/// The fields that hold something, as the search part of an address.
fn search(fields: &FormData) -> String {
    let Ok(filled) = UrlSearchParams::new_with_str_sequence_sequence(fields) else {
        return String::new();
    };
    let names: Vec<String> = filled
        .keys()
        .into_iter()
        .flatten()
        .filter_map(|n| n.as_string())
        .collect();
    for name in names {
        if filled
            .get(&name)
            .is_none_or(|value| value.trim().is_empty())
        {
            filled.delete(&name);
        }
    }
    let search = String::from(filled.to_string());
    if search.is_empty() {
        search
    } else {
        format!("?{search}")
    }
}

/// How long typing must rest before the server is asked.
pub(crate) const TYPING_PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// A form as it was sent by the person.
pub(crate) enum SentForm {
    Post {
        address: String,
        fields: FormData,
    },
    /// The address it leads to, with what was filled in.
    Get {
        address: String,
        eager: bool,
    },
}

/// What was sent, taken over from the browser. None for a form that names a `target` of its own.
pub(crate) fn sent_form(event: &SubmitEvent) -> Option<SentForm> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    if !form.target().is_empty() {
        return None;
    }
    let fields = leptos::form::form_data_from_event(event).ok()?;
    event.prevent_default();
    // The button that was pressed may lead elsewhere than its form.
    let pressed = event.submitter();
    let of_button = |name| {
        pressed
            .as_ref()
            .and_then(|button| button.get_attribute(name))
    };
    let address = of_button("formaction").or_else(|| form.get_attribute("action"))?;
    let method = of_button("formmethod").unwrap_or_else(|| form.method());
    Some(if method == "post" {
        SentForm::Post { address, fields }
    } else {
        SentForm::Get {
            address: address + &search(&fields),
            eager: form.has_attribute("data-eager"),
        }
    })
}

/// The address that a form with `data-eager` would lead to, when somebody typed into one.
pub(crate) fn eager_form(event: &Event) -> Option<String> {
    let field: Element = event.target()?.dyn_into().ok()?;
    let form: HtmlFormElement = field.closest("form[data-eager]").ok()??.dyn_into().ok()?;
    let fields = FormData::new_with_form(&form).ok()?;
    Some(form.get_attribute("action")? + &search(&fields))
}
