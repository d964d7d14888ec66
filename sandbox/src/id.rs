//! Identifiers that look like Stripe's.

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` and 24 random letters: `pi_3kT…`.
pub(crate) fn new(prefix: &str) -> String {
    format!("{prefix}_{}", letters(24))
}

/// Checkout Sessions have long ids: they are in links that customers follow.
pub(crate) fn checkout_session() -> String {
    format!("cs_test_{}", letters(58))
}

pub(crate) fn letters(length: usize) -> String {
    (0..length)
        .map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]))
        .collect()
}
