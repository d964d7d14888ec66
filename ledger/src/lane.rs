//! Lanes to the database for acts and looks that are one statement: connections kept by us. The pool asks each
//! connection that comes back whether it still answers, a second round trip for every act; a lane is
//! taken again because its last answer came whole.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::WalletId;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// As long as a pool waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// A lane is opened anew after so long, as a pool does: what a session gathers does not grow for ever, and
/// what lies between us and the database forgets silent connections.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
const SILENCE: Duration = Duration::from_secs(10 * 60);

/// Queues that wallets stand in: far more than acts under way, so that two wallets seldom share one.
const QUEUES: usize = 4_096;

/// The lanes there may be, and those that are free.
pub struct Lanes {
    session: PgConnectOptions,
    places: Semaphore,
    /// Acts on one wallet come one after the other anyway, for they change one row. Those that wait for it
    /// in the database keep a lane each, and look at the row again when it is theirs.
    queues: Vec<Semaphore>,
    hasher: RandomState,
    free: Mutex<Vec<Open>>,
}

struct Open {
    connection: PgConnection,
    since: Instant,
    used: Instant,
}

/// A lane taken for one statement. One that is dropped without [`Lane::done`] is closed: the statement
/// may still run on it.
pub(crate) struct Lane<'a> {
    open: Open,
    lanes: &'a Lanes,
    _place: SemaphorePermit<'a>,
    _turn: Option<SemaphorePermit<'a>>,
}

impl Lanes {
    /// Opens lazily, never more than `most`.
    pub(crate) fn new(session: PgConnectOptions, most: u32) -> Self {
        Self {
            session,
            places: Semaphore::new(most as usize),
            free: Mutex::default(),
            queues: (0..QUEUES).map(|_| Semaphore::new(1)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// A lane for an act that changes this wallet, when the acts before it are done.
    pub(crate) async fn take_for(&self, wallet_id: WalletId) -> Result<Lane<'_>, sqlx::Error> {
        let number = self.hasher.hash_one(wallet_id) % QUEUES as u64;
        let queue = usize::try_from(number).expect("one of the queues");
        let turn = wait(&self.queues[queue]).await?;
        let lane = self.take().await?;
        Ok(Lane {
            _turn: Some(turn),
            ..lane
        })
    }

    /// The lane used last among the free ones, or a new one.
    pub(crate) async fn take(&self) -> Result<Lane<'_>, sqlx::Error> {
        let place = wait(&self.places).await?;
        let open = match self.find_free() {
            Some(open) => open,
            None => timeout(PATIENCE, self.open())
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)??,
        };
        Ok(Lane {
            open,
            lanes: self,
            _place: place,
            _turn: None,
        })
    }

    async fn open(&self) -> Result<Open, sqlx::Error> {
        let connection = PgConnection::connect_with(&self.session).await?;
        let now = Instant::now();
        Ok(Open {
            connection,
            since: now,
            used: now,
        })
    }

    fn find_free(&self) -> Option<Open> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let open = free.pop()?;
        if open.used.elapsed() < SILENCE {
            return Some(open);
        }
        // The others were silent for longer.
        free.clear();
        None
    }

    fn keep(&self, mut open: Open) {
        open.used = Instant::now();
        if open.since.elapsed() < LIFETIME {
            self.free
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(open);
        }
    }

    /// The database went away: the others lead nowhere either.
    fn close_all(&self) {
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

async fn wait(places: &Semaphore) -> Result<SemaphorePermit<'_>, sqlx::Error> {
    match places.try_acquire() {
        Ok(place) => Ok(place),
        Err(_) => timeout(PATIENCE, places.acquire())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed),
    }
}

impl Lane<'_> {
    /// Where the statement runs.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.open.connection
    }

    /// Gives the lane back, if this outcome says that the whole answer of the database was read.
    pub(crate) fn done<T>(self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        let is_whole = match &outcome {
            Ok(_) | Err(sqlx::Error::RowNotFound) => true,
            // After one of this class the session is over.
            Err(sqlx::Error::Database(error)) => {
                !error.code().is_some_and(|code| code.starts_with("57P"))
            }
            Err(_) => false,
        };
        if is_whole {
            self.lanes.keep(self.open);
        } else {
            self.lanes.close_all();
        }
        outcome
    }
}
