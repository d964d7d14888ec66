use super::*;
use crate::Wallet;
use crate::wallet::Move;
use proptest::prelude::*;
use rust_decimal::Decimal;
use time::Duration;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn day(number: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(number)
}

/// A wallet that is written and folded at once.
#[derive(Default)]
struct Story {
    wallet: Wallet,
    lots: Lots,
}

impl Story {
    fn entry(
        &mut self,
        kind: TransferKind,
        route: usize,
        amount: Money,
        promotional: Money,
        id: &str,
        expires_at: Option<OffsetDateTime>,
    ) -> Option<Vec<Share>> {
        let (from, to) = kind.routes()[route % kind.routes().len()];
        let step = Move {
            kind,
            from,
            to,
            amount,
            promotional,
        };
        let wallet = self.wallet.after(&step).ok()?;
        let entry = Entry {
            seq: wallet.version,
            kind,
            from,
            to,
            amount,
            promotional,
            available_after: wallet.available(),
            held_after: wallet.held,
            promotional_after: wallet.promotional,
            debt_after: wallet.debt,
            subject: Subject::TopUp,
            subject_id: id.into(),
            expires_at,
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let shares = self.lots.apply(&entry).unwrap();
        self.wallet = wallet;
        Some(shares)
    }

    fn give(&mut self, amount: &str, id: &str, until: i64) {
        let amount = money(amount);
        self.entry(TransferKind::Promo, 0, amount, amount, id, Some(day(until)))
            .unwrap();
    }

    fn buy(&mut self, amount: &str, id: &str) {
        self.entry(TransferKind::TopUp, 0, money(amount), Money::ZERO, id, None)
            .unwrap();
    }

    fn talk(&mut self, amount: &str, promotional: &str) -> Vec<(i64, Money)> {
        let shares = self
            .entry(
                TransferKind::Message,
                0,
                money(amount),
                money(promotional),
                "m",
                None,
            )
            .unwrap();
        shares
            .into_iter()
            .map(|share| (share.lot_seq, share.amount))
            .collect()
    }
}

#[test]
fn given_credit_that_ends_first_is_spent_first_then_the_oldest_bought() {
    let mut story = Story::default();
    story.buy("10", "a");
    story.give("2", "late", 30);
    story.give("3", "soon", 10);
    story.buy("5", "b");
    assert_eq!(story.talk("4", "4"), [(3, money("3")), (2, money("1"))]);
    assert_eq!(
        story.talk("12", "1"),
        [(2, money("1")), (1, money("10")), (4, money("1"))]
    );
    assert_eq!(story.lots.paid_left("a"), Money::ZERO);
    assert_eq!(story.lots.paid_left("b"), money("4"));
}

#[test]
fn a_refund_takes_the_purchase_it_is_about() {
    let mut story = Story::default();
    story.buy("10", "a");
    story.buy("10", "b");
    story
        .entry(
            TransferKind::RefundHold,
            0,
            money("4"),
            Money::ZERO,
            "b/1",
            None,
        )
        .unwrap();
    let shares = story
        .entry(
            TransferKind::Refund,
            0,
            money("4"),
            Money::ZERO,
            "b/1",
            None,
        )
        .unwrap();
    assert_eq!(shares[0].lot_seq, 2);
    assert_eq!(
        (story.lots.paid_left("a"), story.lots.paid_left("b")),
        (money("10"), money("6"))
    );
}

#[test]
fn credit_past_its_date_is_named_and_its_expiry_takes_just_that() {
    let mut story = Story::default();
    story.give("2", "one", 10);
    story.give("3", "two", 20);
    let expired: Vec<_> = story
        .lots
        .expired(day(20))
        .map(|lot| lot.subject_id.clone())
        .collect();
    assert_eq!(expired, ["one", "two"]);
    assert_eq!(story.lots.expired(day(10)).count(), 1);
    story
        .entry(TransferKind::Expiry, 0, money("3"), money("3"), "two", None)
        .unwrap();
    assert_eq!(
        story.lots.left().map(|lot| lot.seq).collect::<Vec<_>>(),
        [1]
    );
}

#[test]
fn a_charge_that_is_reversed_comes_back_as_credit() {
    let mut story = Story::default();
    story.buy("10", "a");
    story
        .entry(TransferKind::Hold, 0, money("4"), Money::ZERO, "c", None)
        .unwrap();
    story
        .entry(TransferKind::Capture, 0, money("4"), Money::ZERO, "c", None)
        .unwrap();
    story
        .entry(TransferKind::Capture, 1, money("1"), Money::ZERO, "c", None)
        .unwrap();
    story
        .entry(TransferKind::Release, 0, money("1"), Money::ZERO, "c", None)
        .unwrap();
    assert_eq!(story.wallet.available(), money("7"));
    assert_eq!(story.lots.total(false), money("7"));
}

#[test]
fn entries_that_are_not_the_books_are_refused() {
    let mut story = Story::default();
    story.buy("10", "a");
    let gap = Entry {
        seq: 3,
        kind: TransferKind::TopUp,
        from: Account::StripeClearing,
        to: Account::Available,
        amount: money("1"),
        promotional: Money::ZERO,
        available_after: money("1"),
        held_after: Money::ZERO,
        promotional_after: Money::ZERO,
        debt_after: Money::ZERO,
        subject: Subject::TopUp,
        subject_id: "x".into(),
        expires_at: None,
        at: OffsetDateTime::UNIX_EPOCH,
    };
    assert_eq!(
        story.lots.apply(&gap),
        Err(NotTheBooks::Gap {
            before: 1,
            found: 3
        })
    );
    let uncovered = Entry {
        seq: 2,
        kind: TransferKind::Message,
        from: Account::Available,
        to: Account::MessageRevenue,
        amount: money("11"),
        ..gap
    };
    assert_eq!(
        story.lots.apply(&uncovered),
        Err(NotTheBooks::Uncovered {
            seq: 2,
            missing: money("1")
        })
    );
}

proptest! {
    /// Whatever happens, the lots are the wallet, and a fold from a snapshot is the whole fold.
    #[test]
    fn the_fold_conserves_and_a_snapshot_changes_nothing(
        steps in prop::collection::vec(
            (0..TransferKind::ALL.len(), 0..2usize, 1i64..400_000, 0u32..=100, 0usize..4, 0i64..50), 1..150),
        cut in 0usize..150) {
        let mut story = Story::default();
        let mut written = 0;
        for (index, (kind, route, units, percent, id, expiry)) in steps.into_iter().enumerate() {
            let kind = TransferKind::ALL[kind];
            let (from, to) = kind.routes()[route % kind.routes().len()];
            let amount = Money::exact(Decimal::new(units, 4)).unwrap();
            let is_inner = (!from.is_house() && !to.is_house()) || Account::Debt == from || Account::Debt == to;
            let promotional = if is_inner { Money::ZERO } else { amount.percent_in_cents(percent).min(amount) };
            let purchase = ["a", "b", "c", "d/1"][id];
            if story.entry(kind, route, amount, promotional, purchase, Some(day(expiry))).is_some() {
                written += 1;
            }
            prop_assert_eq!(story.lots.total(true), story.wallet.promotional);
            prop_assert_eq!(story.lots.total(false), story.wallet.paid);
            if index == cut {
                let mut kept = story.lots.clone();
                kept.compact();
                prop_assert_eq!(kept.total(true), story.lots.total(true));
                let text = serde_json::to_string(&kept).unwrap();
                story.lots = serde_json::from_str(&text).unwrap();
            }
        }
        prop_assert_eq!(story.lots.seq, written);
    }
}
