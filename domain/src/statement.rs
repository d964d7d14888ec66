//! A stretch of a wallet's books for its owner to keep: opening, entries, closing.
//!
//! The sums are checked before a statement exists: the rules of [`Wallet::after`] lead from the
//! opening through every entry, and must arrive at each balance that was written and at the closing.

use time::OffsetDateTime;

use crate::history::Entry;
use crate::wallet::Move;
use crate::{Money, TransferKind, Wallet};

/// Opening, entries and closing of a wallet, proven to lead from the one to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The first moment in it.
    from: OffsetDateTime,
    /// The first moment after it.
    until: OffsetDateTime,
    opening: Wallet,
    closing: Wallet,
    lines: Vec<Line>,
}

/// One entry, and what its owner knows the thing by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub entry: Entry,
    /// The destination, the card, the reason: empty where there is nothing to say.
    pub about: String,
}

/// Why entries are not a statement. Reaching one means that the books contradict themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotAddUp {
    #[error("add up a statement: entry {0} is missing")]
    Gap(i64),
    #[error("add up a statement: entry {0} is not possible after the one before it")]
    Impossible(i64),
    #[error("add up a statement: entry {0} shows other balances than its amounts lead to")]
    Balance(i64),
    #[error("add up a statement: entry {0} is of another time")]
    Time(i64),
    #[error("add up a statement: the entries do not lead to the closing")]
    Closing,
}

/// What the entries of one kind did together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindTotal {
    pub kind: TransferKind,
    pub entries: usize,
    /// What they did to what may be spent, with its sign.
    pub effect: Money,
}

impl Statement {
    /// Takes what the books say of the time from `from` up to `until`, and adds it up anew.
    pub fn new(
        from: OffsetDateTime,
        until: OffsetDateTime,
        opening: Wallet,
        closing: Wallet,
        lines: Vec<Line>,
    ) -> Result<Self, DoesNotAddUp> {
        let mut wallet = opening;
        for Line { entry, .. } in &lines {
            if entry.seq != wallet.version + 1 {
                return Err(DoesNotAddUp::Gap(wallet.version + 1));
            }
            if entry.at < from || entry.at >= until {
                return Err(DoesNotAddUp::Time(entry.seq));
            }
            wallet = wallet
                .after(&step(entry))
                .map_err(|_| DoesNotAddUp::Impossible(entry.seq))?;
            if wallet != after(entry) {
                return Err(DoesNotAddUp::Balance(entry.seq));
            }
        }
        if wallet != closing {
            return Err(DoesNotAddUp::Closing);
        }
        Ok(Self {
            from,
            until,
            opening,
            closing,
            lines,
        })
    }

    pub fn from(&self) -> OffsetDateTime {
        self.from
    }

    pub fn until(&self) -> OffsetDateTime {
        self.until
    }

    pub fn opening(&self) -> &Wallet {
        &self.opening
    }

    pub fn closing(&self) -> &Wallet {
        &self.closing
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What the entries did to what may be spent: the closing less the opening.
    pub fn change(&self) -> Money {
        self.lines
            .iter()
            .map(|line| line.entry.effect_on_available())
            .sum()
    }

    /// The entries by their kind, kinds without entries left out; the sum of all is the change.
    pub fn totals(&self) -> Vec<KindTotal> {
        let total = |kind: &TransferKind| {
            let of_kind = || {
                self.lines
                    .iter()
                    .filter(|line| line.entry.kind == *kind)
                    .map(|line| line.entry.effect_on_available())
            };
            KindTotal {
                kind: *kind,
                entries: of_kind().count(),
                effect: of_kind().sum(),
            }
        };
        let totals = TransferKind::ALL.iter().map(total);
        totals.filter(|total| total.entries > 0).collect()
    }
}

/// The balances that an entry shows: those after it.
pub fn after(entry: &Entry) -> Wallet {
    Wallet {
        paid: entry.available_after + entry.held_after - entry.promotional_after,
        promotional: entry.promotional_after,
        held: entry.held_after,
        debt: entry.debt_after,
        version: entry.seq,
    }
}

fn step(entry: &Entry) -> Move {
    Move {
        kind: entry.kind,
        from: entry.from,
        to: entry.to,
        amount: entry.amount,
        promotional: entry.promotional,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subject;
    use time::Duration;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents)
    }

    /// The entry that the books would write for this move, this many hours after the start.
    fn line(wallet: &mut Wallet, kind: TransferKind, amount: i64, given: i64, hours: i64) -> Line {
        let (from, to) = kind.routes()[0];
        let step = Move {
            kind,
            from,
            to,
            amount: cents(amount),
            promotional: cents(given),
        };
        *wallet = wallet.after(&step).unwrap();
        let entry = Entry {
            seq: wallet.version,
            kind,
            from,
            to,
            amount: step.amount,
            promotional: step.promotional,
            available_after: wallet.available(),
            held_after: wallet.held,
            promotional_after: wallet.promotional,
            debt_after: wallet.debt,
            subject: Subject::Call,
            subject_id: "a".into(),
            expires_at: None,
            at: START + Duration::hours(hours),
        };
        let about = "Mexico".into();
        Line { entry, about }
    }

    fn month() -> (Wallet, Wallet, Vec<Line>) {
        let opening = Wallet {
            paid: cents(100),
            version: 7,
            ..Wallet::default()
        };
        let mut closing = opening;
        let lines = vec![
            line(&mut closing, TransferKind::TopUp, 2500, 0, 1),
            line(&mut closing, TransferKind::Bonus, 50, 50, 1),
            line(&mut closing, TransferKind::Hold, 500, 0, 2),
            line(&mut closing, TransferKind::Capture, 300, 50, 3),
            line(&mut closing, TransferKind::Release, 200, 0, 3),
        ];
        (opening, closing, lines)
    }

    fn state(
        opening: Wallet,
        closing: Wallet,
        lines: Vec<Line>,
    ) -> Result<Statement, DoesNotAddUp> {
        Statement::new(START, START + Duration::days(30), opening, closing, lines)
    }

    #[test]
    fn the_closing_is_the_opening_and_every_change() {
        let (opening, closing, lines) = month();
        let statement = state(opening, closing, lines).unwrap();
        assert_eq!(statement.change(), cents(2250));
        assert_eq!(
            opening.available() + statement.change(),
            closing.available()
        );
        let totals = statement.totals();
        assert_eq!(totals.len(), 5);
        let sum: Money = totals.iter().map(|total| total.effect).sum();
        assert_eq!(sum, statement.change());
    }

    #[test]
    fn a_month_without_entries_closes_as_it_opened() {
        let (opening, ..) = month();
        let statement = state(opening, opening, Vec::new()).unwrap();
        assert_eq!(statement.change(), Money::ZERO);
        assert!(statement.totals().is_empty());
    }

    #[test]
    fn entries_that_do_not_add_up_are_no_statement() {
        type Harm = fn(&mut Wallet, &mut Vec<Line>);
        let cases: [(Harm, DoesNotAddUp); 7] = [
            (|_, lines| drop(lines.remove(1)), DoesNotAddUp::Gap(9)),
            (|_, lines| lines.swap(0, 1), DoesNotAddUp::Gap(8)),
            (
                |_, lines| lines[0].entry.amount = cents(2501),
                DoesNotAddUp::Balance(8),
            ),
            (
                |_, lines| lines[3].entry.promotional = Money::ZERO,
                DoesNotAddUp::Balance(11),
            ),
            (
                |_, lines| lines[2].entry.amount = cents(9_999_999),
                DoesNotAddUp::Impossible(10),
            ),
            (
                |_, lines| lines[0].entry.at = START - Duration::seconds(1),
                DoesNotAddUp::Time(8),
            ),
            (|closing, _| closing.paid += cents(1), DoesNotAddUp::Closing),
        ];
        for (harm, expected) in cases {
            let (opening, mut closing, mut lines) = month();
            harm(&mut closing, &mut lines);
            assert_eq!(state(opening, closing, lines), Err(expected));
        }
    }
}
