//! The first page of history, for whoever has it already.

use domain::history::HistoryFilter;
use domain::{CustomerId, WalletId};
use ledger::{GrantCredit, GrantSource, Overview, Wanted};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};

use super::call::open;
use super::overview::customer;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

/// One row of every table that history is read from, in a wallet with credit. They are of the owner's making:
/// what follows changes them one by one.
const THINGS: [&str; 4] = [
    "insert into message (wallet_id, message_id, switch_id, state, request_hash, sender, segments, price, received_at, parked_until)
     select wallet_id, 'one', 'switch', 'parked', '', '+15550100', 1, 0.06, now(), now() from wallet",
    "insert into adjustment (wallet_id, adjustment_id, state, amount, reason, author, asked_at)
     select wallet_id, gen_random_uuid(), 'waiting', 5, 'For a test', 'ana', now() from wallet",
    "insert into refund (wallet_id, refund_id, top_up_id, source, credit, clawback, amount, idempotency_key,
         stripe_payment_id, asked_at, next_at)
     select wallet_id, 'one', top_up_id, 'customer', 5, 0, 5, 'one', stripe_payment_id, now(), now() from top_up",
    "insert into dispute (wallet_id, dispute_id, top_up_id, state, amount, reason, opened_at, next_check_at)
     select wallet_id, 'one', top_up_id, 'inquiry', 5, 'fraudulent', now(), now() from top_up",
];

/// What changes on the page though no money moves.
const CHANGES: [&str; 7] = [
    "update top_up set card_last4 = '4242'",
    "update call set callee = null",
    "update message set state = 'lapsed', body = null",
    "update credit_grant set reason = 'Another'",
    "update adjustment set state = 'posted', decided_at = now()",
    "update refund set state = 'succeeded'",
    "update dispute set state = 'won'",
];

struct Reader<'a> {
    books: &'a Books,
    customer_id: CustomerId,
    wallet_id: WalletId,
    /// What was read last.
    page: Overview,
}

impl Reader<'_> {
    fn wanted() -> Wanted {
        Wanted {
            bought_since: OffsetDateTime::now_utc() - Duration::days(30),
            history: Some((HistoryFilter::default(), None)),
            known: None,
        }
    }

    async fn look(&self) -> Overview {
        let wanted = Wanted {
            known: self.page.mark,
            ..Self::wanted()
        };
        let ledger = &self.books.ledger;
        let look = ledger.overview(self.customer_id, self.wallet_id, &wanted);
        look.await.unwrap()
    }

    async fn sees_nothing_new(&self) {
        let look = self.look().await;
        assert_eq!((look.mark, look.history), (self.page.mark, None));
        assert_eq!(look.wallet, self.page.wallet);
    }

    /// After a change the page is there, and is what a look at history says.
    async fn sees(&mut self, what: &str) {
        let look = self.look().await;
        assert_ne!(look.mark, self.page.mark, "{what}");
        let ledger = &self.books.ledger;
        let all = HistoryFilter::default();
        let page = ledger.history(self.wallet_id, &all, None);
        let page = Some(page.await.unwrap());
        assert_eq!(look.history, page, "{what}");
        assert_ne!(look.history, self.page.history, "{what}");
        self.page = look;
        self.sees_nothing_new().await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_somebody_has_is_read_again_only_once_something_on_it_changed(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let ledger = &books.ledger;
    let (customer_id, wallet_id) = customer(&books).await;
    let wanted = Reader::wanted();
    let page = ledger.overview(customer_id, wallet_id, &wanted);
    let page = page.await.unwrap();
    let mut reader = Reader {
        books: &books,
        customer_id,
        wallet_id,
        page,
    };
    reader.sees_nothing_new().await;

    let (paid, bonus) = (money("100"), money("8"));
    books.settled_top_up(wallet_id, paid, bonus).await;
    reader.sees("a purchase").await;
    let asked = ask(wallet_id, "one", LANDLINE);
    ledger.authorize_call(asked).await.unwrap();
    reader.sees("a call").await;
    let answered = ledger.answer_call(call(wallet_id, "one")).await;
    answered.unwrap();
    reader.sees("its answer, which moves nothing").await;
    let ended = ledger.end_call(call(wallet_id, "one"), 30, "normal").await;
    ended.unwrap();
    reader.sees("its end").await;
    let grant = GrantCredit {
        wallet_id,
        grant_id: "one".into(),
        source: GrantSource::Promo,
        amount: money("3"),
        reason: "For a test".into(),
        expires_at: None,
    };
    ledger.grant_credit(grant).await.unwrap();
    reader.sees("given credit").await;
    for thing in THINGS {
        books.corrupt(thing).await;
        // What waits for a second person is not told yet.
        if thing.contains("'waiting'") {
            reader.sees_nothing_new().await;
        } else {
            reader.sees(thing).await;
        }
    }
    for change in CHANGES {
        books.corrupt(change).await;
        reader.sees(change).await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn things_behind_the_first_page_do_not_change_it_but_the_one_that_follows_it_does(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let ledger = &books.ledger;
    let (customer_id, wallet_id) = customer(&books).await;
    books
        .settled_top_up(wallet_id, money("100"), money("0"))
        .await;
    for number in 0..50 {
        let call_id = number.to_string();
        let asked = ask(wallet_id, &call_id, LANDLINE);
        ledger.authorize_call(asked).await.unwrap();
        let ended = ledger.end_call(call(wallet_id, &call_id), 30, "normal");
        ended.await.unwrap();
    }
    let look = async || {
        let wanted = Reader::wanted();
        let look = ledger.overview(customer_id, wallet_id, &wanted);
        look.await.unwrap()
    };
    let full = look().await;
    let page = full.history.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (50, true));
    // The purchase is the first thing of the next page.
    books
        .corrupt("update top_up set started_at = started_at - interval '1 year'")
        .await;
    assert_ne!(look().await.mark, full.mark);
    let full = look().await;
    books
        .corrupt(
            "insert into top_up (wallet_id, top_up_id, source, amount, bonus, idempotency_key, checkout_expires_at,
                 return_origin, next_check_at, state, started_at)
             select wallet_id, gen_random_uuid(), 'manual', 5, 0, 'one', now(), '', now(), 'expired',
                 started_at - interval '1 year' from top_up",
        )
        .await;
    assert_eq!(look().await.mark, full.mark);
}
