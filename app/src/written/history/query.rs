//! What the address of the wallet page asks to see. The address is the only state there is.

use domain::history::{HistoryKind, HistoryOrder, HistoryState};
use domain::{Money, history::Cursor};

use crate::address::escape;
use crate::written::Query;

/// The filters as typed, readable or not, so that a form can show them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryQuery {
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) order: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) min: String,
    pub(crate) max: String,
    pub(crate) text: String,
    /// The cursor of the page before.
    pub(crate) after: String,
}

/// A filter that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldProblem {
    From,
    To,
    Min,
    Max,
}

/// No field of the filter holds more than this; the rest is cut off.
const LONGEST: usize = 100;

impl HistoryQuery {
    pub(crate) fn read(address: &Query) -> Self {
        let field = |name: &str| -> String { address.get(name).chars().take(LONGEST).collect() };
        Self {
            kind: field("kind"),
            state: field("state"),
            order: field("order"),
            from: field("from"),
            to: field("to"),
            min: field("min"),
            max: field("max"),
            text: field("text"),
            after: field("after"),
        }
    }

    /// The newest of everything: what the wallet page shows by itself.
    pub(crate) fn is_first_page(&self) -> bool {
        *self == Self::default()
    }

    /// The address of the page after this one.
    pub(crate) fn next_page(&self, cursor: &str) -> String {
        let next = Self {
            after: cursor.to_owned(),
            ..self.clone()
        };
        format!("/wallet{}#history", next.to_search())
    }

    /// `?kind=top-ups&text=4242`, only with what is set; read back by [`Self::read`].
    pub(crate) fn to_search(&self) -> String {
        let set = self
            .fields()
            .into_iter()
            .filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = set
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if pairs.is_empty() {
            String::new()
        } else {
            format!("?{}", pairs.join("&"))
        }
    }

    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("kind", &self.kind),
            ("state", &self.state),
            ("order", &self.order),
            ("from", &self.from),
            ("to", &self.to),
            ("min", &self.min),
            ("max", &self.max),
            ("text", &self.text),
            ("after", &self.after),
        ]
    }

    /// How many filters narrow the list; order and page do not.
    pub(crate) fn filters_set(&self) -> usize {
        let narrowing = |(name, value): &(&str, &str)| {
            !value.is_empty() && *name != "order" && *name != "after"
        };
        self.fields()
            .iter()
            .filter(|field| narrowing(field))
            .count()
    }

    pub(crate) fn kind(&self) -> Option<HistoryKind> {
        HistoryKind::from_word(&self.kind)
    }

    pub(crate) fn state(&self) -> Option<HistoryState> {
        HistoryState::from_word(&self.state)
    }

    pub(crate) fn oldest_first(&self) -> bool {
        HistoryOrder::from_word(&self.order) == Some(HistoryOrder::Oldest)
    }

    pub(crate) fn cursor(&self) -> Option<Cursor> {
        Cursor::try_from(self.after.clone()).ok()
    }

    /// An amount as typed. `Err` when there is something that is not an amount.
    pub(crate) fn amount(typed: &str) -> Result<Option<Money>, ()> {
        if typed.is_empty() {
            return Ok(None);
        }
        Money::from_typed(typed)
            .map(|amount| Some(amount.abs()))
            .map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(search: &str) -> HistoryQuery {
        HistoryQuery::read(&Query::read(search))
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        let query = read("kind=top-ups&order=oldest&text=+50%25+%26+more+");
        assert_eq!(query.kind(), Some(HistoryKind::TopUps));
        assert!(query.oldest_first());
        assert_eq!(query.text, "50% & more");
        assert_eq!(query.filters_set(), 2);
        let search = query.to_search();
        assert_eq!(search, "?kind=top-ups&order=oldest&text=50%25%20%26%20more");
    }

    #[test]
    fn words_nobody_knows_filter_nothing() {
        let query = read("kind=yachts&state='&order=up&after=x");
        assert_eq!(
            (query.kind(), query.state(), query.cursor()),
            (None, None, None)
        );
        assert!(!query.oldest_first());
    }

    #[test]
    fn amounts_are_read_or_refused() {
        assert_eq!(HistoryQuery::amount(""), Ok(None));
        assert_eq!(
            HistoryQuery::amount("$25"),
            Ok(Some(Money::from_dollars(25)))
        );
        assert_eq!(
            HistoryQuery::amount("-25"),
            Ok(Some(Money::from_dollars(25)))
        );
        for typed in ["1e3", "abc", "1,000", "٢٥"] {
            assert_eq!(HistoryQuery::amount(typed), Err(()), "{typed:?}");
        }
    }

    #[test]
    fn the_next_page_keeps_the_filters() {
        let query = read("kind=top-ups&after=1-a");
        assert_eq!(
            query.next_page("5-b"),
            "/wallet?kind=top-ups&after=5-b#history"
        );
    }
}
