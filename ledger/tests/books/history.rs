//! What happened, as it is read: pages, filters, the balance at any moment.

use domain::Money;
use domain::history::{HistoryFilter, HistoryKind, Thing};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::money;

#[sqlx::test(migrations = "../migrations")]
async fn pages_meet_every_thing_once_in_either_order(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "8").await;
    for number in 0..120 {
        let call_id = format!("call/{number}");
        books
            .ledger
            .authorize_call(ask(wallet_id, &call_id, LANDLINE))
            .await
            .unwrap();
        books
            .ledger
            .end_call(call(wallet_id, &call_id), number, "normal")
            .await
            .unwrap();
    }
    for oldest_first in [false, true] {
        let filter = HistoryFilter {
            oldest_first,
            ..HistoryFilter::default()
        };
        let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = books
                .ledger
                .history(wallet_id, &filter, cursor.as_ref())
                .await
                .unwrap();
            seen.extend(
                page.items
                    .iter()
                    .map(|item| (item.at, item.thing.reference())),
            );
            pages += 1;
            // A cursor survives the address bar.
            cursor = page.next.map(|next| String::from(next).try_into().unwrap());
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (121, 3));
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 121);
        if !oldest_first {
            seen.reverse();
        }
        assert!(seen.is_sorted_by_key(|place| place.0));
    }
    let calls = HistoryFilter {
        kind: Some(HistoryKind::Calls),
        at_least: Some(money("0.19")),
        ..HistoryFilter::default()
    };
    let page = books.ledger.history(wallet_id, &calls, None).await.unwrap();
    assert_eq!(
        page.items.len(),
        6,
        "114 to 119 seconds at ten cents a minute"
    );
    let Thing::Call(last) = &page.items[0].thing else {
        panic!("not a call")
    };
    assert_eq!(
        last.pricing.charge(119),
        last.charge.unwrap(),
        "the charge explains itself"
    );
    let kinds: Vec<_> = page.items[0]
        .entries
        .iter()
        .map(|entry| entry.kind.word())
        .collect();
    assert_eq!(kinds, ["hold", "capture", "release"]);
    assert_eq!(page.items[0].amount(), -last.charge.unwrap());
}

#[sqlx::test(migrations = "../migrations")]
async fn a_wallet_is_known_at_any_moment(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "8").await;
    for number in 0..20 {
        let call_id = number.to_string();
        books
            .ledger
            .authorize_call(ask(wallet_id, &call_id, LANDLINE))
            .await
            .unwrap();
        books
            .ledger
            .end_call(call(wallet_id, &call_id), 60, "normal")
            .await
            .unwrap();
    }
    let entries = books.ledger.entries(wallet_id, None).await.unwrap();
    assert_eq!(entries.len(), 62);
    for entry in &entries {
        let then = books
            .ledger
            .balance_at(wallet_id, entry.at)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            then.available_after, entry.available_after,
            "entry {}",
            entry.seq
        );
        assert_eq!(then.seq, entry.seq);
    }
    let first = entries.last().unwrap().at;
    let before = books
        .ledger
        .balance_at(wallet_id, first - Duration::microseconds(1))
        .await
        .unwrap();
    assert_eq!(before, None);
    let later = books
        .ledger
        .balance_at(wallet_id, OffsetDateTime::now_utc() + Duration::days(1))
        .await
        .unwrap();
    assert_eq!(later.unwrap().available_after, money("106"));
    let stranger = books.wallet().await;
    assert_eq!(
        books
            .ledger
            .balance_at(stranger, first + Duration::days(1))
            .await
            .unwrap(),
        None
    );
    let lots = books.ledger.lots(wallet_id).await.unwrap();
    assert_eq!(
        (lots.total(true), lots.total(false)),
        (money("6"), money("100"))
    );
    let capture = entries
        .iter()
        .find(|entry| entry.kind.word() == "capture")
        .unwrap();
    let paid_by = books
        .ledger
        .paid_by(wallet_id, &[capture.seq])
        .await
        .unwrap();
    let paid: Money = paid_by[&capture.seq].iter().map(|share| share.amount).sum();
    assert_eq!(paid, capture.amount);
}
