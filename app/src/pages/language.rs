//! Which language the pages, notices and letters are in.

use leptos::prelude::*;

use crate::error::AppError;

/// Keeps the language: in this browser, and for the letters of whoever is signed in.
#[server(endpoint = "choose_language")]
pub(crate) async fn choose_language(language: String) -> Result<(), AppError> {
    use crate::context;
    let language = language::Language::from_tag(&language)
        .ok_or_else(|| context::refused(AppError::NotFound))?;
    if let Ok(customer_id) = context::customer_id().await {
        context::ledger()
            .choose_language(customer_id, language)
            .await
            .map_err(context::refused)?;
    }
    context::keep_language(language);
    Ok(())
}
