//! Amounts of money that the API takes: whole cents, within limits.

use crate::error::{ApiError, ApiResult};

const SMALLEST: i64 = 50;
pub(crate) const LARGEST: i64 = 99_999_999;

/// Refuses what Stripe cannot charge.
pub(crate) fn check(amount: i64) -> ApiResult<()> {
    if amount < SMALLEST {
        return Err(ApiError::invalid("Amount must be at least $0.50 usd")
            .code("amount_too_small")
            .param("amount"));
    }
    if amount > LARGEST {
        return Err(ApiError::invalid("Amount must be no more than $999,999.99")
            .code("amount_too_large")
            .param("amount"));
    }
    Ok(())
}
