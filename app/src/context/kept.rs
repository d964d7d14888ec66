//! First pages of history as they were written, kept for as long as nothing on them changes.

use std::mem::size_of_val;
use std::sync::Arc;

use domain::WalletId;
use jiff::civil::Date;
use language::Language;
use ledger::PageMark;
use leptos::prelude::use_context;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::LocalTime;
use crate::sheet::Sheet;
use crate::speech;

/// What all kept pages may weigh together, in bytes: those of a hundred wallets with full pages.
const MOST: u64 = 16 << 20;
/// How many there are then, about.
const PAGES: usize = 200;

/// Whose page it is, and all that its words depend on beside the books.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    wallet_id: WalletId,
    language: Language,
    zone: String,
    today: Date,
}

impl Reader {
    pub(crate) fn new(wallet_id: WalletId, clock: &LocalTime) -> Self {
        Self {
            wallet_id,
            language: speech::language(),
            zone: clock.zone().to_owned(),
            today: clock.today(),
        }
    }
}

/// A page, and how it stood when it was read.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) mark: PageMark,
    pub(crate) sheet: Arc<Sheet>,
}

/// The pages one server keeps. Every use of one asks the books whether it still stands.
#[derive(Clone)]
pub struct KeptHistory(Arc<Cache<Reader, Kept, Bytes>>);

impl Default for KeptHistory {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(PAGES, MOST, Bytes)))
    }
}

impl KeptHistory {
    /// Those of this server; of a request that was given none, none.
    pub(super) fn here() -> Self {
        use_context().unwrap_or_default()
    }

    pub(super) fn find(&self, reader: &Reader) -> Option<Kept> {
        self.0.get(reader)
    }

    pub(super) fn keep(&self, reader: Reader, kept: Kept) {
        self.0.insert(reader, kept);
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Reader, Kept> for Bytes {
    fn weight(&self, reader: &Reader, kept: &Kept) -> u64 {
        let bytes = kept.sheet.markup.len() + reader.zone.len() + size_of_val(reader);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}
