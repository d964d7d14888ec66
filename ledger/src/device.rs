//! Browsers a customer signed in with before: a sign-in from another one is told.

use domain::notice::Notice;
use domain::{CustomerId, WalletId};
use sha2::{Digest, Sha256};

use crate::Ledger;
use crate::error::{Error, Fault};

impl Ledger {
    /// Notes a sign-in from the browser with this secret name, called so; one that is not known yet is
    /// told, unless it is the first of all. Again changes nothing but when it was seen.
    pub async fn note_sign_in(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
        secret: &str,
        device: &str,
    ) -> Result<(), Error> {
        let (secret, device) = (secret.to_owned(), device.to_owned());
        self.act(move |ledger| {
            let (secret, device) = (secret.clone(), device.clone());
            async move {
                ledger
                    .note_device(customer_id, wallet_id, &secret, &device)
                    .await
            }
        })
        .await
    }

    async fn note_device(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
        secret: &str,
        device: &str,
    ) -> Result<(), Fault> {
        let now = self.clock().now();
        let hash = Sha256::digest(secret).to_vec();
        let mut tx = self.web().begin().await?;
        let known = sqlx::query!(
            r#"select count(*) as "all!", count(*) filter (where device_hash = $2) as "this!"
               from known_device where customer_id = $1"#,
            customer_id as CustomerId,
            hash
        )
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into known_device (customer_id, device_hash, device, first_seen_at, last_seen_at)
             values ($1, $2, $3, $4, $4)
             on conflict (customer_id, device_hash) do update set device = $3, last_seen_at = $4",
            customer_id as CustomerId,
            hash,
            device,
            now
        )
        .execute(&mut *tx)
        .await?;
        if known.all > 0 && known.this == 0 {
            let notice = Notice::NewDevice {
                device: device.to_owned(),
                at: now,
            };
            let event = hex::encode(&hash);
            self.notify(&mut tx, wallet_id, &event, &notice).await?;
        }
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }
}
