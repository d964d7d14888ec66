//! The account page, as the server writes it.

use ledger::{Customer, SessionSummary};
use uuid::Uuid;

use super::LocalTime;
use crate::pages::account::{Account, SessionLine};

/// The customer, and where they are signed in: the session in use first.
pub(crate) fn account(customer: &Customer, sessions: Vec<SessionSummary>, here: Uuid) -> Account {
    let clock = LocalTime::of_request();
    let line = |session: SessionSummary| SessionLine {
        session_id: session.session_id,
        signed_in: clock.lately(session.created_at),
        last_seen: clock.lately(session.last_seen_at),
        this_one: session.session_id == here,
        device: if session.device.is_empty() {
            "Unknown device".into()
        } else {
            session.device
        },
    };
    let mut sessions: Vec<SessionLine> = sessions.into_iter().map(line).collect();
    sessions.sort_by_key(|session| !session.this_one);
    Account {
        email: customer.email.to_string(),
        since: clock.date(customer.created_at),
        sessions,
    }
}
