//! What is due at a time of the sandbox clock.

use crate::{state::State, stripe};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Things to do, by the second they are due and the order they were asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(from = "Vec<(i64, Due)>", into = "Vec<(i64, Due)>")]
pub(crate) struct Timers {
    due: BTreeMap<(i64, u64), Due>,
    last: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Due {
    ExpireSession(String),
    SettleRefund(String),
    FailRefund(String),
    /// A payment by a slow method comes to its end, well or badly.
    SettlePayment {
        payment_intent: String,
        succeeds: bool,
    },
    ShowReceipt(String),
}

impl Timers {
    pub(crate) fn at(&mut self, second: i64, due: Due) {
        self.last += 1;
        self.due.insert((second, self.last), due);
    }

    fn next(&mut self, now: i64) -> Option<Due> {
        let first = self.due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

impl From<Vec<(i64, Due)>> for Timers {
    fn from(list: Vec<(i64, Due)>) -> Self {
        let mut timers = Self::default();
        for (second, due) in list {
            timers.at(second, due);
        }
        timers
    }
}

impl From<Timers> for Vec<(i64, Due)> {
    fn from(timers: Timers) -> Self {
        let listed = timers.due.into_iter();
        listed.map(|((second, _), due)| (second, due)).collect()
    }
}

impl State {
    /// Does everything that has become due; whether that was anything. Whoever looks at the state
    /// calls it first.
    pub(crate) fn tick(&mut self) -> bool {
        let mut any = false;
        while let Some(due) = self.timers.next(self.now()) {
            any = true;
            match due {
                Due::ExpireSession(id) => stripe::session::expire_if_open(self, &id),
                Due::SettleRefund(id) => stripe::refund::settle(self, &id),
                Due::FailRefund(id) => stripe::refund::fail(self, &id),
                Due::SettlePayment {
                    payment_intent,
                    succeeds,
                } => {
                    crate::payment::settle_slow(self, &payment_intent, succeeds);
                }
                Due::ShowReceipt(id) => {
                    if self.objects.any(&id).is_some() {
                        self.emit("charge.updated", &id);
                    }
                }
            }
        }
        any
    }
}
