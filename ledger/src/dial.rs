//! Calls asked for on a page: the switch is asked to place them, and comes back through the charging
//! API under the same name. It is the books that decide; here nothing moves.

use std::time::Duration;

use domain::call::{CallRefusal, CallState};
use domain::{Declined, WalletId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Ledger;
use crate::error::{Error, Fault};

/// How long the switch may take to say that it heard.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Before the second and the third try. The same name again is the same call.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// How long a name may be repeated.
const KEPT_FOR: time::Duration = time::Duration::days(30);

/// The switch that places calls, and what opens it.
#[derive(Clone, Debug)]
pub struct Originate {
    /// Without a slash at the end: `/originate` and `/hangup` follow.
    pub url: String,
    pub key: Option<SecretString>,
}

/// The line to that switch; none where no switch places calls.
#[derive(Clone, Debug)]
pub(crate) struct Originator {
    to: Originate,
    http: reqwest::Client,
}

/// What the switch said to a request it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Done,
    /// Another call has this name.
    Conflict,
    /// It knows no such call.
    Unknown,
}

impl Originator {
    /// None if the client cannot be set up: then no calls are placed, and everything else works.
    pub(crate) fn open(to: Originate) -> Option<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        match http {
            Ok(http) => Some(Self { to, http }),
            Err(error) => {
                tracing::error!(%error, "no calls can be placed");
                None
            }
        }
    }

    /// Sends up to three times while nobody answers or has time.
    async fn send(&self, path: &str, body: &Value) -> Result<Heard, Declined> {
        for pause in PAUSES {
            if let Some(heard) = self.try_once(path, body).await? {
                return Ok(heard);
            }
            tokio::time::sleep(pause).await;
        }
        let heard = self.try_once(path, body).await?;
        heard.ok_or(Declined::SwitchAway)
    }

    /// None if it may be sent again.
    async fn try_once(&self, path: &str, body: &Value) -> Result<Option<Heard>, Declined> {
        let mut request = self.http.post(format!("{}{path}", self.to.url));
        if let Some(key) = &self.to.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let status = match request.json(body).send().await {
            Ok(answer) => answer.status().as_u16(),
            Err(error) => {
                // The address of the request stays out of the log, and with it what is in it.
                tracing::warn!(error = %error.without_url(), path, "the switch did not answer");
                return Ok(None);
            }
        };
        match status {
            200..300 => Ok(Some(Heard::Done)),
            404 => Ok(Some(Heard::Unknown)),
            409 => Ok(Some(Heard::Conflict)),
            408 | 429 | 500.. => Ok(None),
            _ => {
                tracing::error!(status, path, "the switch refused what it was asked");
                Err(Declined::SwitchAway)
            }
        }
    }
}

impl Ledger {
    /// Whether calls can be placed from here at all.
    pub fn places_calls(&self) -> bool {
        self.inner.originator.is_some()
    }

    /// The name of a call that is going to be asked for, made before the click: two clicks, a reload
    /// and a retry are one call.
    pub fn new_call_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// Asks the switch to call this number (E.164 digits). Refused beforehand what the books would
    /// refuse anyway; they decide when the switch comes back. Asked again, the same call; the same
    /// name with another number is `Conflict`.
    ///
    /// After an unknown outcome the call may ring: the page shows it as soon as the books know it.
    pub async fn dial(
        &self,
        wallet_id: WalletId,
        call_id: Uuid,
        digits: &str,
    ) -> Result<(), Error> {
        let originator = self.originator()?;
        if !self.was_dialed(wallet_id, call_id, digits).await? {
            let (_, quote) = self.quote_call(wallet_id, digits).await?;
            if let Some(refusal) = quote.refusal {
                return Err(Fault::from(refusal).into());
            }
            self.note_dialed(wallet_id, call_id, digits).await?;
        }
        let from = self.calls_from(wallet_id).await?;
        let mut body =
            json!({ "call_id": call_id, "wallet": wallet_id, "to": format!("+{digits}") });
        if let Some(from) = from {
            body["from"] = json!(format!("+{from}"));
        }
        match originator.send("/originate", &body).await {
            Ok(Heard::Done) => {
                self.changes().tell(wallet_id);
                Ok(())
            }
            Ok(Heard::Conflict) => Err(Fault::from(CallRefusal::Conflict).into()),
            Ok(Heard::Unknown) => Err(Error::Declined(Declined::SwitchAway)),
            Err(away) => Err(Error::Declined(away)),
        }
    }

    /// Asks the switch to end a call of this wallet. The charge is what the switch then reports. A
    /// call that is over stays over.
    pub async fn hang_up(&self, wallet_id: WalletId, call_id: &str) -> Result<(), Error> {
        let originator = self.originator()?;
        let known = sqlx::query!(
            r#"select (select state from call where wallet_id = $1 and call_id = $2) as "state: CallState",
                      exists(select from dialed_call where wallet_id = $1 and call_id = $2) as "dialed!""#,
            wallet_id as WalletId,
            call_id
        )
        .fetch_one(self.web())
        .await?;
        match known.state {
            None if !known.dialed => return Err(Error::NotFound),
            Some(state) if !state.is_running() => return Ok(()),
            _ => {}
        }
        let heard = originator
            .send("/hangup", &json!({ "call_id": call_id }))
            .await;
        match heard.map_err(Error::Declined)? {
            Heard::Done => Ok(()),
            // A call from a telephone, or one the switch forgot: it ends there, or is given up.
            Heard::Unknown | Heard::Conflict => Err(Error::Declined(Declined::SwitchAway)),
        }
    }

    fn originator(&self) -> Result<&Originator, Error> {
        let originator = self.inner.originator.as_ref();
        originator.ok_or(Error::Declined(Declined::SwitchAway))
    }

    async fn was_dialed(
        &self,
        wallet_id: WalletId,
        call_id: Uuid,
        digits: &str,
    ) -> Result<bool, Error> {
        let callee = sqlx::query_scalar!(
            "select callee from dialed_call where wallet_id = $1 and call_id = $2",
            wallet_id as WalletId,
            call_id.to_string()
        )
        .fetch_optional(self.web())
        .await?;
        match callee {
            None => Ok(false),
            Some(callee) if callee.as_deref() == Some(digits) => Ok(true),
            Some(_) => Err(Fault::from(CallRefusal::Conflict).into()),
        }
    }

    async fn note_dialed(
        &self,
        wallet_id: WalletId,
        call_id: Uuid,
        digits: &str,
    ) -> Result<(), Error> {
        let noted = sqlx::query!(
            "insert into dialed_call (wallet_id, call_id, callee, asked_at) values ($1, $2, $3, $4)
             on conflict (wallet_id, call_id) do nothing",
            wallet_id as WalletId,
            call_id.to_string(),
            digits,
            self.clock().now()
        )
        .execute(self.web())
        .await?;
        if noted.rows_affected() == 0 {
            // Two clicks at the same moment: the other one was first.
            self.was_dialed(wallet_id, call_id, digits).await?;
        }
        Ok(())
    }

    /// The number the customer calls from, if one is registered: the switch rings it first.
    async fn calls_from(&self, wallet_id: WalletId) -> Result<Option<String>, Error> {
        let numbers = self.numbers(wallet_id).await?;
        let mut registered = numbers
            .into_iter()
            .filter(|number| number.kind == "registered");
        Ok(registered.next().map(|number| number.number))
    }

    /// Forgets calls asked for so long ago that nobody repeats them. Returns how many.
    pub async fn forget_dialed(&self) -> Result<u64, Error> {
        let done = sqlx::query!(
            "delete from dialed_call where asked_at < $1",
            self.clock().now() - KEPT_FOR
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected())
    }
}
