//! Whose turn it is when more is asked than the books can do at once: what keeps a call going comes first,
//! what ends one next, new calls last. Nobody waits for long, and who would is turned away at once, so no
//! backlog grows that is answered when nobody listens any more. One wallet never has all of the turns.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::WalletId;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Switchboard;
use super::problem::Problem;

/// Acts that the books do at once. A few of their connections are left for what asks in no lane.
const AT_ONCE: usize = 12;
/// Of these on one wallet. They come one after the other there anyway, and a wallet that something keeps
/// locked must not keep the turns of all others.
const OF_ONE_WALLET: usize = 4;

/// What an act is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// A call runs: without its answer the switch hangs up.
    Running,
    /// A call is over, or only asked about; also messages. Whoever is turned away comes again: a switch keeps
    /// a record of a call and reports it when it could not say that it ended.
    Over,
    /// Nobody talks yet.
    New,
}

impl Lane {
    /// In the order of their turns.
    const ALL: [Self; 3] = [Self::Running, Self::Over, Self::New];

    /// How many may wait. New calls: what is done within a few milliseconds.
    fn most(self) -> usize {
        match self {
            Self::Running => 4_096,
            Self::Over => 1_024,
            Self::New => 32,
        }
    }

    /// How long one waits before it is turned away.
    fn longest(self) -> Duration {
        match self {
            Self::Running => Duration::from_secs(2),
            Self::Over => Duration::from_secs(1),
            Self::New => Duration::from_millis(250),
        }
    }
}

struct Waiting {
    since: Instant,
    wallet: Option<WalletId>,
    turn: oneshot::Sender<Turn>,
}

struct Queues {
    free: usize,
    lanes: [VecDeque<Waiting>; 3],
    /// Turns that acts on a wallet have.
    of_wallets: HashMap<WalletId, usize>,
}

/// The lanes and how many turns are free.
pub(super) struct Turns(Mutex<Queues>);

/// A turn; dropped, it is the next one's.
pub(super) struct Turn(Option<Given>);

/// Whose turn it is, and where it came from.
struct Given {
    turns: Arc<Turns>,
    wallet: Option<WalletId>,
}

impl Turns {
    pub(super) fn new() -> Arc<Self> {
        Self::of(AT_ONCE)
    }

    fn of(free: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Queues {
            free,
            lanes: Default::default(),
            of_wallets: HashMap::new(),
        })))
    }

    /// Waits for a turn, for an act on this wallet if it is on one; or is turned away, at the latest when
    /// nobody waits longer in this lane.
    pub(super) async fn take(
        self: &Arc<Self>,
        lane: Lane,
        wallet: Option<WalletId>,
    ) -> Result<Turn, Problem> {
        let turn = {
            let mut queues = self.lock();
            if queues.free > 0 && queues.has_room(wallet) {
                queues.free -= 1;
                queues.count(wallet);
                let turns = self.clone();
                return Ok(Turn(Some(Given { turns, wallet })));
            }
            if queues.waiting(lane) >= lane.most() {
                return Err(Problem::TryAgain);
            }
            let (sender, turn) = oneshot::channel();
            queues.lanes[lane as usize].push_back(Waiting {
                since: Instant::now(),
                wallet,
                turn: sender,
            });
            turn
        };
        // A turn that comes at the last moment and is not taken up goes on to the next one.
        match timeout(lane.longest(), turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Problem::TryAgain),
        }
    }

    /// Who comes next after an act on this wallet; none, and the turn is free.
    fn next(&self, done: Option<WalletId>) -> Option<Waiting> {
        let mut queues = self.lock();
        queues.forget(done);
        for lane in Lane::ALL {
            queues.turn_away(lane);
        }
        let next = queues.first();
        match &next {
            Some(waiting) => queues.count(waiting.wallet),
            None => queues.free += 1,
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    /// How many wait in a lane.
    fn waiting(&mut self, lane: Lane) -> usize {
        self.turn_away(lane);
        self.lanes[lane as usize].len()
    }

    /// Who waited too long has been told so, and is no longer in the way.
    fn turn_away(&mut self, lane: Lane) {
        let now = Instant::now();
        let waiting = &mut self.lanes[lane as usize];
        while waiting
            .front()
            .is_some_and(|first| now - first.since > lane.longest())
        {
            waiting.pop_front();
        }
    }

    /// The first of the first lane whose wallet may have one more.
    fn first(&mut self) -> Option<Waiting> {
        for lane in Lane::ALL {
            let waiting = &self.lanes[lane as usize];
            let at = waiting.iter().position(|one| self.has_room(one.wallet));
            if let Some(at) = at {
                return self.lanes[lane as usize].remove(at);
            }
        }
        None
    }

    fn has_room(&self, wallet: Option<WalletId>) -> bool {
        let taken = wallet.and_then(|wallet| self.of_wallets.get(&wallet));
        taken.is_none_or(|taken| *taken < OF_ONE_WALLET)
    }

    fn count(&mut self, wallet: Option<WalletId>) {
        if let Some(wallet) = wallet {
            *self.of_wallets.entry(wallet).or_default() += 1;
        }
    }

    fn forget(&mut self, wallet: Option<WalletId>) {
        let Some(wallet) = wallet else { return };
        if let Some(taken) = self.of_wallets.get_mut(&wallet) {
            *taken -= 1;
            if *taken == 0 {
                self.of_wallets.remove(&wallet);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut given = self.0.take();
        while let Some(Given { turns, wallet }) = given {
            let Some(next) = turns.next(wallet) else {
                return;
            };
            let wallet = next.wallet;
            // Who has gone meanwhile gives it back.
            given = match next.turn.send(Turn(Some(Given { turns, wallet }))) {
                Ok(()) => None,
                Err(mut turn) => turn.0.take(),
            };
        }
    }
}

/// There is room for one more new call. Looked at before anything of a request is read: one that is turned
/// away costs next to nothing.
pub(super) struct Room;

impl FromRequestParts<Switchboard> for Room {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, board: &Switchboard) -> Result<Self, Problem> {
        let mut queues = board.turns.lock();
        if queues.free == 0 && queues.waiting(Lane::New) >= Lane::New.most() {
            return Err(Problem::TryAgain);
        }
        Ok(Self)
    }
}

#[cfg(test)]
#[path = "turn_tests.rs"]
mod tests;
