//! What was worked out about wallets and cannot change any more, kept for the next time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::WalletId;

/// Far more wallets than one server shows in a day; beyond it the memory starts anew.
const MOST: usize = 20_000;

/// One answer for each wallet, with all that it depends on beside the wallet: a memory of what follows
/// from that is never wrong.
pub(crate) struct Memory<K, V>(Mutex<HashMap<WalletId, (K, V)>>);

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, V: Clone> Memory<K, V> {
    pub(crate) fn find(&self, wallet_id: WalletId, key: &K) -> Option<V> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, answer) = kept.get(&wallet_id)?;
        (known == key).then(|| answer.clone())
    }

    pub(crate) fn keep(&self, wallet_id: WalletId, key: K, answer: V) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(wallet_id, (key, answer));
    }
}
