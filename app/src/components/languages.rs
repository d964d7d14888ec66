//! The languages at the foot of every page: one button each, in its own name. It stands outside of
//! what the browser's half looks after, so it is a plain form everywhere and loads the page anew.

use language::Language;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::pages::language::ChooseLanguage;
use crate::speech;

#[component]
pub(crate) fn Languages() -> impl IntoView {
    let spoken = speech::language();
    let button = |language: Language| {
        let pressed = (language == spoken).to_string();
        view! {
            <button
                class="text-button"
                type="submit"
                name="language"
                value=language.tag()
                lang=language.tag()
                aria-pressed=pressed
            >
                {language.own_name()}
            </button>
        }
    };
    view! {
        <footer class="foot">
            <form method="post" action=ChooseLanguage::PATH aria-label=say!(shell::LANGUAGE)>
                {Language::ALL.map(button).to_vec()}
            </form>
        </footer>
    }
}
