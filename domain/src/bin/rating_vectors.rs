//! Charges worked out by hand, against the arithmetic of this build. Natively it is one of the tests;
//! `cargo xtask test` compiles it to WebAssembly as well, for the browser charges by the same code.

use domain::Money;
use domain::meter::Meter;
use domain::rate::{Pricing, UncheckedPricing};
use rust_decimal::Decimal;

/// Price per minute in millionths of a dollar, fee in hundredths of a cent, first and next step, talked
/// seconds; then billed seconds and the charge in hundredths of a cent.
const VECTORS: &[(i64, i64, u32, u32, u32, u64, i64)] = &[
    // 60/60
    (100_000, 0, 60, 60, 1, 60, 1_000),
    (100_000, 0, 60, 60, 60, 60, 1_000),
    (100_000, 0, 60, 60, 61, 120, 2_000),
    // 30/6
    (100_000, 0, 30, 6, 1, 30, 500),
    (100_000, 0, 30, 6, 30, 30, 500),
    (100_000, 0, 30, 6, 31, 36, 600),
    (100_000, 0, 30, 6, 37, 42, 700),
    // 6/6
    (100_000, 0, 6, 6, 6, 6, 100),
    (100_000, 0, 6, 6, 7, 12, 200),
    // 1/1: 0.0016666…, 0.0983333…
    (100_000, 0, 1, 1, 1, 1, 17),
    (100_000, 0, 1, 1, 59, 59, 983),
    (21_700, 0, 1, 1, 761, 761, 2_752),
    // A half is rounded up: 0.003 × 1 / 60 = 0.00005, and a little less is not.
    (3_000, 0, 1, 1, 1, 1, 1),
    (2_999, 0, 1, 1, 1, 1, 0),
    // Fee
    (100_000, 500, 60, 60, 0, 0, 0),
    (100_000, 500, 60, 60, 5, 60, 1_500),
    (0, 2_500, 60, 60, 61, 120, 2_500),
    // Zero
    (0, 0, 60, 60, 90, 120, 0),
    (0, 0, 1, 1, 0, 0, 0),
    // Six decimals
    (12_345, 0, 1, 1, 59, 59, 121),
    (12_345, 0, 1, 1, 3_600, 3_600, 7_407),
    (1, 0, 1, 1, 60, 60, 0),
    // Four hours, which is as long as a call may be; the dearest price there is.
    (5_000, 0, 1, 1, 14_400, 14_400, 12_000),
    (999_999_999, 0, 1, 1, 14_400, 14_400, 2_399_999_998),
];

pub(crate) fn main() {
    for &(per_minute, fee, initial, increment, talked, billed, charge) in VECTORS {
        let vector = (per_minute, fee, initial, increment, talked);
        let pricing = Pricing::try_from(UncheckedPricing {
            per_minute: Decimal::new(per_minute, 6),
            connection_fee: units(fee),
            initial_seconds: initial,
            increment_seconds: increment,
            max_seconds: 14_400,
        })
        .expect("the vectors are prices");
        assert_eq!(pricing.billed_seconds(talked), billed, "{vector:?}");
        assert_eq!(pricing.charge(talked), units(charge), "{vector:?}");
        // What the page shows as the cost so far is the charge itself.
        let meter = Meter {
            steps: pricing.steps(),
            covered_seconds: 14_400,
        };
        assert_eq!(meter.cost(talked), units(charge), "{vector:?}");
        if charge > 0 {
            assert!(pricing.talk_time(units(charge)) >= talked, "{vector:?}");
        }
        // No call is longer than four hours, whatever the balance.
        assert!(pricing.talk_time(Money::MAX) == 14_400, "{vector:?}");
    }
}

fn units(count: i64) -> Money {
    Money::exact(Decimal::new(count, 4)).expect("four decimals")
}
