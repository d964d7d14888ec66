//! Messages to browsers: sealed for each by its own key (RFC 8291), signed by ours (RFC 8292).

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ledger::{DuePush, PushOutcome};
use reqwest::{Client, StatusCode, Url};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use time::OffsetDateTime;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, WebPushBuilder};

/// How long a push service may keep a message for a browser that is not there.
const KEEP_FOR: Duration = Duration::from_secs(12 * 60 * 60);
/// How long our signature is good: push services take at most a day.
const SIGNED_FOR: time::Duration = time::Duration::hours(12);
const TIMEOUT: Duration = Duration::from_secs(10);

/// The push services of browsers. A browser names its own, and we send to no other address:
/// somebody who named one inside our network would have us ask there.
const SERVICES: [&str; 6] = [
    "fcm.googleapis.com",
    "jmt17.google.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
    ".wns.windows.com",
];

/// The key that push services know us by.
pub struct PushKey {
    pair: EcdsaKeyPair,
    /// As browsers want it.
    public: String,
}

impl PushKey {
    /// A new key, as it is kept: PKCS #8 in base64.
    pub fn generate() -> anyhow::Result<String> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let document = document.map_err(|_| anyhow!("make a push key"))?;
        Ok(BASE64.encode(document))
    }

    pub fn read(kept: &str) -> anyhow::Result<Self> {
        let document = BASE64.decode(kept.trim()).context("read the push key")?;
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &random)
            .map_err(|_| anyhow!("read the push key: not a P-256 key in PKCS #8"))?;
        let public = BASE64.encode(pair.public_key());
        Ok(Self { pair, public })
    }

    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` of a message to a push service: who we are, for the next hours.
    fn authorization(
        &self,
        service: &str,
        contact: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<String> {
        let head = BASE64.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let until = (now + SIGNED_FOR).unix_timestamp();
        let claims = json!({ "aud": service, "exp": until, "sub": contact });
        let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| anyhow!("sign a message"))?;
        let signature = BASE64.encode(signature);
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

/// Sends messages to push services.
#[derive(Clone)]
pub struct Pusher {
    key: Arc<PushKey>,
    http: Client,
    /// Where the operator of a push service can write to.
    contact: String,
    /// In development a push service may run on this machine.
    takes_local: bool,
}

impl Pusher {
    pub fn new(key: Arc<PushKey>, public_origin: &str, takes_local: bool) -> Self {
        let contact = if public_origin.starts_with("https://") {
            public_origin.to_owned()
        } else {
            "mailto:wallet@localhost".to_owned()
        };
        let http = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without special wishes");
        Self {
            key,
            http,
            contact,
            takes_local,
        }
    }

    pub(crate) async fn send(&self, push: &DuePush, now: OffsetDateTime) -> PushOutcome {
        match self.try_send(push, now).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, "message not sent to a browser, trying again");
                PushOutcome::Failed
            }
        }
    }

    async fn try_send(&self, push: &DuePush, now: OffsetDateTime) -> anyhow::Result<PushOutcome> {
        let Some(endpoint) = self.known_service(&push.endpoint) else {
            return Ok(PushOutcome::Gone);
        };
        let Some((public, auth)) = keys(push) else {
            return Ok(PushOutcome::Gone);
        };
        let request = WebPushBuilder::new(push.endpoint.parse()?, public, auth)
            .with_valid_duration(KEEP_FOR)
            .build(push.body.to_string())
            .map_err(|error| anyhow!("seal a message: {error}"))?;
        let service = endpoint.origin().ascii_serialization();
        let authorization = self.key.authorization(&service, &self.contact, now)?;
        let mut request = reqwest::Request::try_from(request)?;
        request
            .headers_mut()
            .insert("authorization", authorization.parse()?);
        let answer = self.http.execute(request).await?;
        let status = answer.status();
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(PushOutcome::Gone);
        }
        ensure!(status.is_success(), "the push service answered {status}");
        Ok(PushOutcome::Sent)
    }

    /// The endpoint, if it is one of a push service.
    fn known_service(&self, endpoint: &str) -> Option<Url> {
        let url = Url::parse(endpoint).ok()?;
        let host = url.host_str()?;
        let is_known = url.scheme() == "https"
            && url.port().is_none()
            && SERVICES.iter().any(|service| {
                host == service.trim_start_matches('.')
                    || (service.starts_with('.') && host.ends_with(service))
            });
        let is_local = self.takes_local && host == "127.0.0.1";
        (is_known || is_local).then_some(url)
    }
}

/// The browser's public key and its secret; none if they are not what browsers make.
fn keys(push: &DuePush) -> Option<(PublicKey, Auth)> {
    let decode = |text: &str| BASE64.decode(text.trim_end_matches('=')).ok();
    let public = PublicKey::from_sec1_bytes(&decode(&push.p256dh)?).ok()?;
    let auth = decode(&push.auth)?;
    (auth.len() == 16).then(|| (public, Auth::clone_from_slice(&auth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pusher(takes_local: bool) -> Pusher {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = PushKey::read(&PushKey::generate().unwrap()).unwrap();
        Pusher::new(Arc::new(key), "https://wallet.example.com", takes_local)
    }

    #[test]
    fn only_push_services_are_asked() {
        let pusher = pusher(false);
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/a",
            "https://updates.push.services.mozilla.com/wpush/v2/a",
            "https://web.push.apple.com/a",
            "https://db5p.notify.windows.com/w/?token=a",
        ] {
            assert!(pusher.known_service(endpoint).is_some(), "{endpoint}");
        }
        for endpoint in [
            "http://fcm.googleapis.com/a",
            "https://fcm.googleapis.com:8443/a",
            "https://fcm.googleapis.com.evil.example/a",
            "https://evilfcm.googleapis.com/a",
            "https://localhost/a",
            "http://127.0.0.1:9/a",
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
            "",
        ] {
            assert!(pusher.known_service(endpoint).is_none(), "{endpoint}");
        }
    }

    #[test]
    fn a_message_is_signed_for_one_service_and_some_hours() {
        use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
        let pusher = pusher(false);
        let now = OffsetDateTime::UNIX_EPOCH;
        let service = "https://web.push.apple.com";
        let said = pusher
            .key
            .authorization(service, &pusher.contact, now)
            .unwrap();
        let token = said.strip_prefix("vapid t=").unwrap();
        let (token, key) = token.split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, BASE64.decode(key).unwrap());
        let signature = BASE64.decode(signature).unwrap();
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
        let claims = BASE64.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], service);
        assert_eq!(claims["exp"], 43_200);
    }
}
