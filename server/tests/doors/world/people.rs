//! People in front of the server: who is signed in, and what their browsers send.

use domain::{CustomerId, Email, WalletId};
use ledger::StoredSession;
use reqwest::Response;
use reqwest::header::COOKIE;
use serde_json::json;
use uuid::Uuid;

use super::World;

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) customer_id: CustomerId,
    pub(crate) wallet_id: WalletId,
    /// What their sessions are opened with, instead of a code.
    pub(crate) passkey_id: Option<Uuid>,
    pub(crate) cookie: String,
}

impl World {
    /// A new customer with a session in a browser.
    pub(crate) async fn person(&self) -> Person {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let customer = self
            .ledger
            .open_customer(&Email::parse(&email).unwrap())
            .await
            .unwrap();
        let person = Person {
            customer_id: customer.customer_id,
            wallet_id: customer.wallet_id,
            passkey_id: None,
            cookie: String::new(),
        };
        self.session_of(&person).await
    }

    /// A session that somebody opened just now.
    pub(crate) async fn session_of(&self, customer: &Person) -> Person {
        let id = tower_sessions::session::Id::default();
        let session_id = Uuid::now_v7();
        let mut data = json!({
            "customer_id": customer.customer_id,
            "wallet_id": customer.wallet_id,
            "session_id": session_id,
            "signed_in_at": self.clock.now().unix_timestamp(),
        });
        if let Some(passkey_id) = customer.passkey_id {
            data["passkey_id"] = json!(passkey_id);
        }
        let session = StoredSession {
            session_id,
            customer_id: Some(customer.customer_id),
            device: Some("Test".into()),
            data,
            expires_at: time::OffsetDateTime::now_utc() + time::Duration::days(1),
        };
        assert!(
            self.ledger
                .insert_session(&id.0.to_le_bytes(), &session)
                .await
                .unwrap()
        );
        Person {
            customer_id: customer.customer_id,
            wallet_id: customer.wallet_id,
            passkey_id: customer.passkey_id,
            cookie: format!("__Host-session={id}"),
        }
    }

    /// Sends a form, as a browser without scripts does.
    pub(crate) async fn post(
        &self,
        path: &str,
        person: &Person,
        fields: &[(&str, &str)],
    ) -> Response {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("accept", "text/html")
            .header("origin", &self.base)
            .header("referer", format!("{}/", self.base))
            .header(COOKIE, &person.cookie);
        request.form(fields).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, person: Option<&Person>) -> Response {
        let mut request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("accept", "text/html");
        if let Some(person) = person {
            request = request.header(COOKIE, &person.cookie);
        }
        request.send().await.unwrap()
    }
}
