//! A price list on its way in. A form with a file is a body of many parts, which is read whole here:
//! how long it may be is the router's to say, and this page's words are for what is a little longer.

use std::convert::Infallible;

use domain::staff::Right;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use leptos::prelude::*;
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, ServerFn};
use multer::Multipart;
use serde_json::json;
use uuid::Uuid;

use crate::address::ReturnTo;
use crate::context;
use crate::error::AppError;

/// Where a longer body may be sent than to any other form of ours.
pub const ADDRESS: &str = DeskUploadPrices::PATH;

/// The body as it came.
pub(crate) struct Whole;

impl ContentType for Whole {
    const CONTENT_TYPE: &'static str = "multipart/form-data";
}

impl FormatType for Whole {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl Encodes<DeskUploadPrices> for Whole {
    type Error = Infallible;

    fn encode(upload: &DeskUploadPrices) -> Result<Bytes, Infallible> {
        Ok(Bytes::copy_from_slice(&upload.body))
    }
}

impl Decodes<DeskUploadPrices> for Whole {
    type Error = Infallible;

    fn decode(bytes: Bytes) -> Result<DeskUploadPrices, Infallible> {
        Ok(DeskUploadPrices {
            body: bytes.to_vec(),
        })
    }
}

/// Keeps an uploaded list and leads to the page that says what it would change.
#[server(endpoint = "desk_upload_prices", input = Post<Whole>)]
pub(crate) async fn desk_upload_prices(body: Vec<u8>) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetPrices).await?;
    let (name, bytes) = file_in(body).await;
    let draft_id = Uuid::now_v7();
    let mut deed = clerk.deed("upload_prices", "price_draft", draft_id.to_string());
    deed.detail = json!({ "name": name, "bytes": bytes.len() });
    let ledger = context::ledger();
    let kept = ledger.keep_price_draft(draft_id, &name, bytes, &clerk.email);
    ledger.deed(deed, kept).await.map_err(context::refused)?;
    context::redirect_to(&ReturnTo::read(&format!(
        "/desk/price-lists/drafts/{draft_id}"
    )));
    Ok(())
}

/// The file of the form; nothing, where there is none.
async fn file_in(body: Vec<u8>) -> (String, Vec<u8>) {
    let kind = use_context::<http::request::Parts>().and_then(|parts| {
        let kind = parts.headers.get(CONTENT_TYPE)?;
        Some(kind.to_str().ok()?.to_owned())
    });
    let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok());
    let Some(boundary) = boundary else {
        return Default::default();
    };
    let whole = stream::once(async { Ok::<_, Infallible>(Bytes::from(body)) });
    let mut parts = Multipart::new(whole, boundary);
    while let Ok(Some(part)) = parts.next_field().await {
        if part.name() == Some("file") {
            let name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.unwrap_or_default();
            return (name.chars().take(200).collect(), bytes.to_vec());
        }
    }
    Default::default()
}
