//! A wallet's balances, and what a transfer does to them.

use serde::{Deserialize, Serialize};

use crate::{Account, Money, TransferKind};

/// The balances of one wallet after its first `version` transfers, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wallet {
    /// Bought; never expires.
    pub paid: Money,
    /// Given; spent first, earliest expiry first.
    pub promotional: Money,
    /// Set aside; still inside `paid` and `promotional`.
    pub held: Money,
    /// Owed after a dispute.
    pub debt: Money,
    /// How many transfers led here: the sequence number of the last one.
    pub version: i64,
}

/// A move to be written: a positive amount from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub kind: TransferKind,
    pub from: Account,
    pub to: Account,
    pub amount: Money,
    /// How much of the amount is promotional credit; zero for moves inside the wallet.
    pub promotional: Money,
}

/// Why a move cannot be written. Reaching one is a bug in the caller, never a customer's mistake:
/// use cases decide before they post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    #[error("post {0:?}: no such route from {1:?} to {2:?}")]
    Route(TransferKind, Account, Account),
    #[error("post {0:?}: the amount must be more than zero")]
    Amount(TransferKind),
    #[error("post {0:?}: the promotional part must be between zero and the amount")]
    PromotionalPart(TransferKind),
    #[error("post {0:?}: a balance would fall below zero")]
    Overdraft(TransferKind),
}

impl Wallet {
    /// What may be spent now.
    pub fn available(&self) -> Money {
        self.paid + self.promotional - self.held
    }

    /// Everything in the wallet, held or not.
    pub fn total(&self) -> Money {
        self.paid + self.promotional
    }

    /// The balances after this move, one version later; refused if any would fall below zero.
    pub fn after(self, step: &Move) -> Result<Self, Impossible> {
        if !step.kind.allows(step.from, step.to) {
            return Err(Impossible::Route(step.kind, step.from, step.to));
        }
        if !step.amount.is_positive() {
            return Err(Impossible::Amount(step.kind));
        }
        // Debt is neither bought nor given credit.
        let touches_credit = (step.from.is_house() && step.to != Account::Debt)
            || (step.to.is_house() && step.from != Account::Debt);
        let most = if touches_credit {
            step.amount
        } else {
            Money::ZERO
        };
        if step.promotional.is_negative() || step.promotional > most {
            return Err(Impossible::PromotionalPart(step.kind));
        }
        let mut next = self;
        next.version += 1;
        next.take(step.from, step);
        next.give(step.to, step);
        next.check(step.kind)
    }

    fn take(&mut self, account: Account, step: &Move) {
        match account {
            Account::Available if step.to == Account::Held => {}
            Account::Available => self.spend(step),
            Account::Held if step.to == Account::Available => self.held -= step.amount,
            Account::Held => {
                self.held -= step.amount;
                self.spend(step);
            }
            Account::Debt => self.debt += step.amount,
            _ => {}
        }
    }

    fn give(&mut self, account: Account, step: &Move) {
        match account {
            Account::Available if step.from == Account::Held => {}
            Account::Available => self.earn(step),
            Account::Held if step.from == Account::Available => self.held += step.amount,
            // A capture undone: the credit comes back as it left, set aside.
            Account::Held => {
                self.held += step.amount;
                self.earn(step);
            }
            Account::Debt => self.debt -= step.amount,
            _ => {}
        }
    }

    fn earn(&mut self, step: &Move) {
        self.promotional += step.promotional;
        self.paid += step.amount - step.promotional;
    }

    fn spend(&mut self, step: &Move) {
        self.promotional -= step.promotional;
        self.paid -= step.amount - step.promotional;
    }

    fn check(self, kind: TransferKind) -> Result<Self, Impossible> {
        let lowest = [
            self.paid,
            self.promotional,
            self.held,
            self.debt,
            self.available(),
        ];
        if lowest.iter().any(|balance| balance.is_negative()) {
            return Err(Impossible::Overdraft(kind));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn dollars(value: u32) -> Money {
        Money::from_dollars(value)
    }

    fn step(kind: TransferKind, route: usize, amount: Money, promotional: Money) -> Move {
        let (from, to) = kind.routes()[route % kind.routes().len()];
        Move {
            kind,
            from,
            to,
            amount,
            promotional,
        }
    }

    #[test]
    fn a_top_up_with_bonus_then_a_call() {
        let wallet = Wallet::default()
            .after(&step(TransferKind::TopUp, 0, dollars(25), Money::ZERO))
            .and_then(|w| w.after(&step(TransferKind::Bonus, 0, dollars(1), dollars(1))))
            .and_then(|w| w.after(&step(TransferKind::Hold, 0, dollars(5), Money::ZERO)))
            .unwrap();
        assert_eq!(
            (wallet.available(), wallet.held, wallet.version),
            (dollars(21), dollars(5), 3)
        );
        let ended = wallet
            .after(&step(TransferKind::Capture, 0, dollars(3), dollars(1)))
            .and_then(|w| w.after(&step(TransferKind::Release, 0, dollars(2), Money::ZERO)))
            .unwrap();
        assert_eq!(
            (ended.paid, ended.promotional, ended.held),
            (dollars(23), Money::ZERO, Money::ZERO)
        );
        assert_eq!(ended.available(), dollars(23));
    }

    #[test]
    fn a_dispute_of_spent_money_becomes_debt_that_the_next_top_up_pays() {
        let owing = Wallet::default()
            .after(&step(TransferKind::Dispute, 1, dollars(10), Money::ZERO))
            .unwrap();
        assert_eq!((owing.debt, owing.available()), (dollars(10), Money::ZERO));
        let paid_off = owing
            .after(&step(TransferKind::TopUp, 0, dollars(25), Money::ZERO))
            .and_then(|w| {
                w.after(&step(
                    TransferKind::DebtPayment,
                    0,
                    dollars(10),
                    Money::ZERO,
                ))
            })
            .unwrap();
        assert_eq!(
            (paid_off.debt, paid_off.available()),
            (Money::ZERO, dollars(15))
        );
    }

    #[test]
    fn impossible_moves_are_refused() {
        let empty = Wallet::default();
        let hold = step(TransferKind::Hold, 0, dollars(1), Money::ZERO);
        assert_eq!(
            empty.after(&hold),
            Err(Impossible::Overdraft(TransferKind::Hold))
        );
        assert_eq!(
            empty.after(&Move {
                amount: Money::ZERO,
                ..hold
            }),
            Err(Impossible::Amount(TransferKind::Hold))
        );
        assert_eq!(
            empty.after(&Move {
                promotional: dollars(1),
                ..hold
            }),
            Err(Impossible::PromotionalPart(TransferKind::Hold))
        );
        let backwards = Move {
            from: Account::Held,
            to: Account::Available,
            ..hold
        };
        assert!(matches!(
            empty.after(&backwards),
            Err(Impossible::Route(..))
        ));
    }

    proptest! {
        /// Whatever is tried, in any order, no balance is ever negative,
        /// and what the house gave less what it got is what the wallet has.
        #[test]
        fn no_sequence_of_moves_overdraws(steps in prop::collection::vec(
            (0..TransferKind::ALL.len(), 0..2usize, 1i64..500_000, 0u32..=100), 1..200)) {
            let mut wallet = Wallet::default();
            let mut net = Money::ZERO;
            for (kind, route, units, percent) in steps {
                let amount = Money::exact(Decimal::new(units, 4)).unwrap();
                let touching = TransferKind::ALL[kind].routes();
                let (from, to) = touching[route % touching.len()];
                let credit = (from.is_house() && to != Account::Debt) || (to.is_house() && from != Account::Debt);
                let promotional = if credit { amount.percent_in_cents(percent).min(amount) } else { Money::ZERO };
                let step = Move { kind: TransferKind::ALL[kind], from, to, amount, promotional };
                if let Ok(next) = wallet.after(&step) {
                    if from.is_house() { net += amount; }
                    if to.is_house() { net -= amount; }
                    wallet = next;
                }
                prop_assert!(!wallet.available().is_negative());
                prop_assert_eq!(wallet.total() - wallet.debt, net);
            }
        }
    }
}
