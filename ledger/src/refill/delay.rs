//! How soon a charge follows the balance that asked for it.

use time::Duration;

use crate::Ledger;
use crate::error::Error;

impl Ledger {
    /// How long charges of the last minutes took to be asked for, from the transaction that lowered the
    /// balance to the request: for measuring.
    pub async fn refill_delays(&self, within: Duration) -> Result<Vec<Duration>, Error> {
        let rows = sqlx::query!(
            r#"select fell_at, first_sent_at as "first_sent_at!" from refill_attempt
               where first_sent_at >= $1 order by first_sent_at"#,
            self.inner.clock.now() - within
        )
        .fetch_all(self.read())
        .await?;
        let delays = rows.into_iter().map(|row| row.first_sent_at - row.fell_at);
        Ok(delays.collect())
    }
}
