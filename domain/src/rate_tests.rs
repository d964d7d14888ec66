use super::*;
use proptest::prelude::*;

fn pricing(
    per_minute: &str,
    fee: &str,
    initial_seconds: u32,
    increment_seconds: u32,
    max_seconds: u32,
) -> Pricing {
    Pricing::try_from(UncheckedPricing {
        per_minute: per_minute.parse().unwrap(),
        connection_fee: fee.parse().unwrap(),
        initial_seconds,
        increment_seconds,
        max_seconds,
    })
    .unwrap()
}

#[test]
fn a_balance_lasts_about_as_long_as_its_price_says() {
    let about = |per_minute, fee, money: &str| {
        let pricing = pricing(per_minute, fee, 60, 60, 3_600);
        pricing.about_seconds(money.parse().unwrap())
    };
    assert_eq!(about("0.0217", "0", "10"), Some(27_649));
    assert_eq!(about("0.10", "0.05", "1.05"), Some(600));
    assert_eq!(about("0.10", "0.05", "0.01"), Some(0));
    assert_eq!(about("0", "0", "10"), None);
}

/// Calculated by hand: price, fee, first step, next step, talked seconds, billed seconds, charge.
const CHARGES: &[(&str, &str, u32, u32, u32, u64, &str)] = &[
    ("0.02", "0", 1, 1, 0, 0, "0"),
    ("0.02", "0.05", 1, 1, 0, 0, "0"),
    ("0.02", "0", 1, 1, 1, 1, "0.0003"),
    ("0.0217", "0", 1, 1, 60, 60, "0.0217"),
    ("0.0217", "0", 1, 1, 61, 61, "0.0221"),
    ("0.10", "0", 60, 60, 1, 60, "0.1"),
    ("0.10", "0", 60, 60, 60, 60, "0.1"),
    ("0.10", "0", 60, 60, 61, 120, "0.2"),
    ("0.10", "0", 30, 6, 1, 30, "0.05"),
    ("0.10", "0", 30, 6, 30, 30, "0.05"),
    ("0.10", "0", 30, 6, 31, 36, "0.06"),
    ("0.10", "0", 30, 6, 36, 36, "0.06"),
    ("0.10", "0", 30, 6, 37, 42, "0.07"),
    ("0.10", "0", 6, 6, 7, 12, "0.02"),
    ("0.12", "0.01", 1, 1, 30, 30, "0.07"),
    ("0", "0", 1, 1, 3600, 3600, "0"),
    ("0", "0.25", 60, 60, 61, 120, "0.25"),
    // A half is rounded up: 0.003 × 1 / 60 = 0.00005.
    ("0.003", "0", 1, 1, 1, 1, "0.0001"),
    ("0.002999", "0", 1, 1, 1, 1, "0"),
    ("0.012345", "0", 1, 1, 59, 59, "0.0121"),
    ("0.012345", "0", 1, 1, 14400, 14400, "2.9628"),
    ("999.999999", "0", 1, 1, 14400, 14400, "239999.9998"),
];

#[test]
fn charges_are_those_calculated_by_hand() {
    for (price, fee, initial, increment, talked, billed, charge) in CHARGES {
        let pricing = pricing(price, fee, *initial, *increment, 14_400);
        assert_eq!(pricing.billed_seconds(*talked), *billed, "{price} {talked}");
        let expected: Money = charge.parse().unwrap();
        assert_eq!(pricing.charge(*talked), expected, "{price} {talked}");
    }
}

#[test]
fn talk_time_ends_with_the_last_step_that_is_paid_for() {
    let cases = [
        ("0.10", 60, 60, "0.0999", 0),
        ("0.10", 60, 60, "0.10", 60),
        ("0.10", 60, 60, "0.1999", 60),
        ("0.10", 30, 6, "0.06", 36),
        ("0.02", 1, 1, "10", 14_400),
        ("0", 1, 1, "0", 14_400),
    ];
    for (price, initial, increment, money, seconds) in cases {
        let pricing = pricing(price, "0", initial, increment, 14_400);
        assert_eq!(
            pricing.talk_time(money.parse().unwrap()),
            seconds,
            "{price} {money}"
        );
    }
}

#[test]
fn the_minimum_is_a_minute_or_the_first_step_if_longer() {
    assert_eq!(
        pricing("0.10", "0", 1, 1, 14_400).minimum(),
        "0.1".parse().unwrap()
    );
    assert_eq!(
        pricing("0.10", "0", 180, 60, 14_400).minimum(),
        "0.3".parse().unwrap()
    );
    assert_eq!(
        pricing("0.10", "0.05", 30, 6, 14_400).minimum(),
        "0.15".parse().unwrap()
    );
}

#[test]
fn the_longest_prefix_wins() {
    let rate = |prefix: &str| Rate {
        prefix: prefix.into(),
        destination: prefix.into(),
        kind: RateKind::Mobile,
        pricing: pricing("0.1", "0", 1, 1, 60),
        blocked: false,
    };
    let rates = [rate("52"), rate("521"), rate("5215512"), rate("1")];
    let found =
        |digits: &str| Rate::longest_prefix(&rates, digits).map(|rate| rate.prefix.as_str());
    assert_eq!(found("5215512345678"), Some("5215512"));
    assert_eq!(found("5215598765432"), Some("521"));
    assert_eq!(found("5255"), Some("52"));
    assert_eq!(found("4930"), None);
}

#[test]
fn numbers_that_are_not_a_price_are_refused() {
    let good = UncheckedPricing {
        per_minute: "0.1".parse().unwrap(),
        connection_fee: Money::ZERO,
        initial_seconds: 1,
        increment_seconds: 1,
        max_seconds: 60,
    };
    let price = |text: &str| UncheckedPricing {
        per_minute: text.parse().unwrap(),
        ..good
    };
    let cases = [
        (price("-0.1"), NotAPrice::PriceOutOfRange),
        (price("1000.1"), NotAPrice::PriceOutOfRange),
        (price("0.1234567"), NotAPrice::TooPrecise),
        (
            UncheckedPricing {
                connection_fee: "-1".parse().unwrap(),
                ..good
            },
            NotAPrice::FeeOutOfRange,
        ),
        (
            UncheckedPricing {
                initial_seconds: 0,
                ..good
            },
            NotAPrice::StepOutOfRange,
        ),
        (
            UncheckedPricing {
                increment_seconds: 0,
                ..good
            },
            NotAPrice::StepOutOfRange,
        ),
        (
            UncheckedPricing {
                max_seconds: 0,
                ..good
            },
            NotAPrice::LongestCallOutOfRange,
        ),
    ];
    for (terms, refusal) in cases {
        assert_eq!(Pricing::try_from(terms), Err(refusal));
    }
}

pub(crate) fn any_pricing() -> impl Strategy<Value = Pricing> {
    (
        0i64..2_000_000,
        0i64..20_000,
        1u32..120,
        1u32..120,
        1u32..20_000,
    )
        .prop_map(
            |(price, fee, initial_seconds, increment_seconds, max_seconds)| {
                Pricing::try_from(UncheckedPricing {
                    per_minute: Decimal::new(price, 6),
                    connection_fee: Money::exact(Decimal::new(fee, 4)).unwrap(),
                    initial_seconds,
                    increment_seconds,
                    max_seconds,
                })
                .unwrap()
            },
        )
}

proptest! {
    /// By another way of counting: decimals, as the spec writes the rule.
    #[test]
    fn whole_numbers_and_decimals_agree(pricing in any_pricing(), talked in 1u32..100_000) {
        let billed = Decimal::from(pricing.billed_seconds(talked));
        let talk = pricing.per_minute() * billed / Decimal::from(60);
        let expected = Money::rounded(pricing.connection_fee().decimal() + talk).unwrap();
        prop_assert_eq!(pricing.charge(talked), expected);
    }

    #[test]
    fn a_longer_call_never_costs_less(pricing in any_pricing(), talked in 0u32..20_000) {
        prop_assert!(pricing.charge(talked) <= pricing.charge(talked + 1));
    }

    #[test]
    fn talk_time_is_paid_for_and_one_second_more_is_not(
        pricing in any_pricing(), units in 0i64..10_000_000) {
        let money = Money::exact(Decimal::new(units, 4)).unwrap();
        let seconds = pricing.talk_time(money);
        prop_assert!(pricing.charge(seconds) <= money);
        prop_assert!(seconds <= pricing.max_seconds());
        if seconds < pricing.max_seconds() {
            prop_assert!(money < pricing.charge(seconds + 1));
        }
    }
}
