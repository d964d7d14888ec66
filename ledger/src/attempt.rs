//! Limits on how often something may be tried, counted in Postgres: they hold for all servers
//! together and survive a restart.

use domain::Declined;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::Fault;

/// So many tries in a window of this length, for each subject.
pub(crate) struct Limit {
    pub(crate) scope: &'static str,
    pub(crate) most: i32,
    pub(crate) window: Duration,
}

impl Limit {
    /// Counts one try, or declines with the seconds until the window turns.
    ///
    /// The subject (an address, an e-mail) is stored as a hash only.
    pub(crate) async fn count(
        &self,
        connection: &mut PgConnection,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let length = self.window.whole_seconds();
        let start = now.unix_timestamp() / length * length;
        let window_start = OffsetDateTime::from_unix_timestamp(start)
            .map_err(|_| Fault::Inconsistent("the clock is past year 9999"))?;
        let count = sqlx::query_scalar!(
            "insert into attempt (scope, subject_hash, window_start, count) values ($1, $2, $3, 1)
             on conflict (scope, subject_hash, window_start) do update set count = attempt.count + 1
             returning count",
            self.scope,
            Sha256::digest(subject.as_bytes()).to_vec(),
            window_start
        )
        .fetch_one(connection)
        .await?;
        if count > self.most {
            let left = start + length - now.unix_timestamp();
            return Err(Declined::TooMany {
                retry_after_seconds: left.unsigned_abs(),
            }
            .into());
        }
        Ok(())
    }
}
