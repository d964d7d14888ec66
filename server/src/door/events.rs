//! Hints to open pages that their wallet changed. A hint says nothing but *ask again*.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::WalletId;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::door::visitor::Visitor;
use crate::router::Doors;

/// Changes of a busy wallet that come this close together are one hint.
const GATHER: Duration = Duration::from_millis(250);

/// Server-sent events named `changed`, with a word as their data: browsers drop events without any.
/// The first comes at once, so that a page which reconnects asks for what it missed.
pub(crate) async fn wallet_events(
    State(doors): State<Doors>,
    visitor: Visitor,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let heard = doors.ledger.changes().listen();
    let hints = stream::unfold((heard, true), move |(mut heard, is_first)| {
        let (stop, wallet_id) = (doors.stop.clone(), visitor.wallet_id);
        async move {
            if !is_first {
                tokio::select! {
                    () = stop.cancelled() => return None,
                    is_open = has_changed(&mut heard, wallet_id) => is_open.then_some(())?,
                }
                tokio::time::sleep(GATHER).await;
            }
            Some((
                Ok(Event::default().event("changed").data("wallet")),
                (heard, false),
            ))
        }
    });
    Sse::new(hints).keep_alive(KeepAlive::default())
}

/// Waits until this wallet may have changed; false when nothing will be heard any more.
async fn has_changed(heard: &mut Receiver<WalletId>, wallet_id: WalletId) -> bool {
    loop {
        match heard.recv().await {
            Ok(changed) if changed != wallet_id => {}
            // Having missed some, ours may be among them.
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}
