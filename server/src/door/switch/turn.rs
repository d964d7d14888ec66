//! Whose turn it is when more is asked than the books can do at once: what keeps a call going comes first,
//! what ends one next, new calls last. Nobody waits for long, and who would is turned away at once, so no
//! backlog grows that is answered when nobody listens any more.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::oneshot;

use super::Switchboard;
use super::problem::Problem;

/// Acts that the books do at once. A few of their connections are left for what asks in no lane.
const AT_ONCE: usize = 12;

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
    turn: oneshot::Sender<Turn>,
}

struct Queues {
    free: usize,
    lanes: [VecDeque<Waiting>; 3],
}

/// The lanes and how many turns are free.
pub(super) struct Turns(Mutex<Queues>);

/// A turn; dropped, it is the next one's.
pub(super) struct Turn(Option<Arc<Turns>>);

impl Turns {
    pub(super) fn new() -> Arc<Self> {
        Self::of(AT_ONCE)
    }

    fn of(free: usize) -> Arc<Self> {
        let lanes = Default::default();
        Arc::new(Self(Mutex::new(Queues { free, lanes })))
    }

    /// Waits for a turn, or is turned away.
    pub(super) async fn take(self: &Arc<Self>, lane: Lane) -> Result<Turn, Problem> {
        let turn = {
            let mut queues = self.lock();
            if queues.free > 0 {
                queues.free -= 1;
                return Ok(Turn(Some(self.clone())));
            }
            if queues.is_full(lane) {
                return Err(Problem::TryAgain);
            }
            let (sender, turn) = oneshot::channel();
            queues.lanes[lane as usize].push_back(Waiting {
                since: Instant::now(),
                turn: sender,
            });
            turn
        };
        turn.await.map_err(|_| Problem::TryAgain)
    }

    /// Who comes next; none, and the turn is free.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut queues = self.lock();
        let now = Instant::now();
        for lane in Lane::ALL {
            let waiting = &mut queues.lanes[lane as usize];
            // Who waited too long hears it now: its sender is dropped.
            while waiting
                .front()
                .is_some_and(|first| now - first.since > lane.longest())
            {
                waiting.pop_front();
            }
        }
        let next = queues.lanes.iter_mut().find_map(VecDeque::pop_front);
        if next.is_none() {
            queues.free += 1;
        }
        next.map(|waiting| waiting.turn)
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn is_full(&self, lane: Lane) -> bool {
        self.free == 0 && self.lanes[lane as usize].len() >= lane.most()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = self.0.take();
        while let Some(given) = turns {
            let Some(next) = given.next() else { return };
            // Who has gone meanwhile gives it back.
            turns = match next.send(Turn(Some(given))) {
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
        if board.turns.lock().is_full(Lane::New) {
            return Err(Problem::TryAgain);
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits in the lane and notes its turn, which it keeps for no time.
    async fn wait(turns: Arc<Turns>, lane: Lane, order: Arc<Mutex<Vec<Lane>>>) {
        let turn = turns.take(lane).await.unwrap();
        order.lock().unwrap().push(lane);
        drop(turn);
    }

    #[tokio::test]
    async fn what_keeps_a_call_going_comes_first_and_new_calls_last() {
        let turns = Turns::of(1);
        let only = turns.take(Lane::New).await.unwrap();
        let order = Arc::default();
        let mut waiting = Vec::new();
        for lane in [Lane::New, Lane::Over, Lane::Running, Lane::Running] {
            waiting.push(tokio::spawn(wait(turns.clone(), lane, Arc::clone(&order))));
            tokio::task::yield_now().await;
        }
        drop(only);
        for one in waiting {
            one.await.unwrap();
        }
        let expected = [Lane::Running, Lane::Running, Lane::Over, Lane::New];
        assert_eq!(*order.lock().unwrap(), expected);
        assert_eq!(turns.lock().free, 1);
    }

    #[tokio::test]
    async fn a_new_call_behind_many_is_turned_away_at_once_and_a_running_one_waits() {
        let turns = Turns::of(1);
        let only = turns.take(Lane::Running).await.unwrap();
        let order = Arc::default();
        for _ in 0..Lane::New.most() {
            tokio::spawn(wait(turns.clone(), Lane::New, Arc::clone(&order)));
        }
        tokio::task::yield_now().await;
        assert!(turns.lock().is_full(Lane::New));
        assert_eq!(turns.take(Lane::New).await.err(), Some(Problem::TryAgain));
        let running = tokio::spawn(wait(turns.clone(), Lane::Running, Arc::clone(&order)));
        tokio::task::yield_now().await;
        drop(only);
        running.await.unwrap();
        assert_eq!(order.lock().unwrap().first(), Some(&Lane::Running));
    }

    #[tokio::test]
    async fn who_waited_too_long_is_turned_away() {
        let turns = Turns::of(1);
        let only = turns.take(Lane::Running).await.unwrap();
        let late = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(Lane::New).await.err() }
        });
        tokio::time::sleep(Lane::New.longest() * 2).await;
        drop(only);
        assert_eq!(late.await.unwrap(), Some(Problem::TryAgain));
        assert_eq!(turns.lock().free, 1);
    }

    #[tokio::test]
    async fn a_turn_of_somebody_who_has_gone_is_the_next_ones() {
        let turns = Turns::of(1);
        let only = turns.take(Lane::Running).await.unwrap();
        let gone = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(Lane::Running).await.map(drop) }
        });
        tokio::task::yield_now().await;
        let order = Arc::default();
        let next = tokio::spawn(wait(turns.clone(), Lane::New, order));
        tokio::task::yield_now().await;
        gone.abort();
        tokio::task::yield_now().await;
        drop(only);
        next.await.unwrap();
        assert_eq!(turns.lock().free, 1);
    }
}
