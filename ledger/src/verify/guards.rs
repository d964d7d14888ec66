//! V21: what guards the books in the database is what the project lists.

use std::collections::BTreeSet;

use super::Check;
use crate::Ledger;
use crate::error::{Error, Fault};

/// Constraints, indexes and grants as the migrations make them; a test writes this list anew.
const LISTED: &str = include_str!("../../guards.txt");

impl Ledger {
    /// Compares constraints, indexes, grants and roles with the list in the project: what is missing,
    /// what is there beyond it. Triggers, rules and functions are never expected.
    pub async fn verify_guards(&self) -> Result<Check, Error> {
        let found = self.guards().await?;
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        let listed: BTreeSet<&str> = LISTED.lines().filter(|line| !line.is_empty()).collect();
        let missing = listed
            .difference(&found)
            .map(|line| format!("missing: {line}"));
        let beyond = found
            .difference(&listed)
            .map(|line| format!("not listed: {line}"));
        let examples: Vec<String> = missing.chain(beyond).collect();
        Ok(Check {
            name: "V21",
            statement: "constraints, indexes, grants and roles are those the project lists",
            violations: i64::try_from(examples.len()).unwrap_or(i64::MAX),
            examples,
        })
    }

    /// The guards as they are in the database, one line each, in order.
    pub async fn guards(&self) -> Result<Vec<String>, Error> {
        let lines = sqlx::query_file_scalar!("src/verify/guards.sql")
            .fetch_all(self.read())
            .await
            .map_err(Fault::from)?;
        Ok(lines)
    }
}
