//! Prices of running calls, remembered. A call's price never changes, so a memory of it is never
//! wrong; a server that does not remember reads it from the call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::rate::Pricing;

use super::CallRef;

/// Far more calls than one server runs at once; beyond it the memory starts anew.
const MOST: usize = 100_000;

#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<CallRef, Pricing>>);

impl Memo {
    pub(crate) fn keep(&self, call: CallRef, pricing: Pricing) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(call, pricing);
    }

    pub(crate) fn find(&self, call: &CallRef) -> Option<Pricing> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(call).copied()
    }

    pub(crate) fn forget(&self, call: &CallRef) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(call);
    }
}
