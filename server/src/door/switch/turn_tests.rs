use uuid::Uuid;

use super::*;

/// Waits in the lane and notes its turn, which it keeps for no time.
async fn wait(turns: Arc<Turns>, lane: Lane, order: Arc<Mutex<Vec<Lane>>>) {
    let turn = turns.take(lane, None).await.unwrap();
    order.lock().unwrap().push(lane);
    drop(turn);
}

#[tokio::test]
async fn what_keeps_a_call_going_comes_first_and_new_calls_last() {
    let turns = Turns::of(1);
    let only = turns.take(Lane::New, None).await.unwrap();
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
    let only = turns.take(Lane::Running, None).await.unwrap();
    let order = Arc::default();
    for _ in 0..Lane::New.most() {
        tokio::spawn(wait(turns.clone(), Lane::New, Arc::clone(&order)));
    }
    tokio::task::yield_now().await;
    assert_eq!(turns.lock().waiting(Lane::New), Lane::New.most());
    assert_eq!(
        turns.take(Lane::New, None).await.err(),
        Some(Problem::TryAgain)
    );
    let running = tokio::spawn(wait(turns.clone(), Lane::Running, Arc::clone(&order)));
    tokio::task::yield_now().await;
    drop(only);
    running.await.unwrap();
    assert_eq!(order.lock().unwrap().first(), Some(&Lane::Running));
}

#[tokio::test]
async fn who_waited_too_long_is_turned_away_although_no_turn_comes_free() {
    let turns = Turns::of(1);
    let only = turns.take(Lane::Running, None).await.unwrap();
    let began = Instant::now();
    for _ in 0..2 {
        let late = turns.take(Lane::New, None).await;
        assert_eq!(late.err(), Some(Problem::TryAgain));
    }
    assert!(began.elapsed() < Lane::New.longest() * 4);
    // They are not in the way of who comes next.
    tokio::time::sleep(Lane::New.longest()).await;
    assert_eq!(turns.lock().waiting(Lane::New), 0);
    drop(only);
    assert_eq!(turns.lock().free, 1);
}

#[tokio::test]
async fn a_wallet_that_is_stuck_leaves_turns_to_the_others() {
    let turns = Turns::of(AT_ONCE);
    let stuck = Some(WalletId(Uuid::now_v7()));
    let mut taken = Vec::new();
    for _ in 0..OF_ONE_WALLET {
        taken.push(turns.take(Lane::Over, stuck).await.unwrap());
    }
    let waiting = tokio::spawn({
        let turns = turns.clone();
        async move { turns.take(Lane::Over, stuck).await.map(drop) }
    });
    tokio::task::yield_now().await;
    assert_eq!(turns.lock().waiting(Lane::Over), 1);
    let other = Some(WalletId(Uuid::now_v7()));
    for wallet in [other, None] {
        let turn = turns.take(Lane::New, wallet).await;
        assert!(turn.is_ok());
    }
    // The turns of others are none for it; one of its own is.
    assert!(!waiting.is_finished());
    taken.pop();
    waiting.await.unwrap().unwrap();
    taken.clear();
    assert_eq!(turns.lock().free, AT_ONCE);
    assert!(turns.lock().of_wallets.is_empty());
}

#[tokio::test]
async fn a_turn_of_somebody_who_has_gone_is_the_next_ones() {
    let turns = Turns::of(1);
    let only = turns.take(Lane::Running, None).await.unwrap();
    let gone = tokio::spawn({
        let turns = turns.clone();
        async move { turns.take(Lane::Running, None).await.map(drop) }
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
