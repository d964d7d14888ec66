use super::*;
use proptest::prelude::*;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-20 12:00:00 UTC);

fn dollars(amount: u32) -> Money {
    Money::from_dollars(amount)
}

fn terms() -> RefillTerms {
    RefillTerms {
        threshold: dollars(10),
        amount: dollars(25),
        monthly_cap: dollars(100),
    }
}

fn rule(state: RefillState) -> RefillRule {
    RefillRule {
        state,
        terms: terms(),
        armed_at: NOW - Duration::days(90),
    }
}

fn wallet(cents: i64) -> Wallet {
    Wallet {
        paid: Money::from_cents(cents),
        ..Wallet::default()
    }
}

/// Refills of $25 that settled so many minutes ago.
fn settled(minutes_ago: &[i64]) -> Incoming {
    let settled = |minutes: &i64| Settled {
        at: NOW - Duration::minutes(*minutes),
        amount: dollars(25),
    };
    Incoming {
        is_open: false,
        settled: minutes_ago.iter().map(settled).collect(),
    }
}

fn declined(in_a_row: u32, minutes_ago: i64) -> Declines {
    Declines {
        in_a_row,
        last_at: Some(NOW - Duration::minutes(minutes_ago)),
    }
}

#[test]
fn the_card_is_charged_only_when_nothing_speaks_against_it() {
    use RefillState::*;
    let none = Declines::default();
    let nothing = Incoming::default();
    let open = Incoming {
        is_open: true,
        ..Incoming::default()
    };
    let owing = Wallet {
        debt: dollars(1),
        ..wallet(0)
    };
    let refill = Decision::Refill(dollars(25));
    let wait = Decision::Wait;
    let minutes = |count| NOW + Duration::minutes(count);
    let december = datetime!(2026-12-01 00:00:00 UTC);
    let table = [
        (
            "below the threshold",
            Armed,
            wallet(999),
            nothing.clone(),
            none,
            refill,
        ),
        (
            "at the threshold",
            Armed,
            wallet(1000),
            nothing.clone(),
            none,
            wait(Wait::Enough),
        ),
        (
            "off",
            Off,
            wallet(0),
            nothing.clone(),
            none,
            wait(Wait::Off),
        ),
        (
            "suspended",
            Suspended,
            wallet(0),
            nothing.clone(),
            none,
            wait(Wait::Suspended),
        ),
        (
            "the bank asks",
            ActionRequired,
            wallet(0),
            nothing.clone(),
            none,
            wait(Wait::NeedsCustomer),
        ),
        (
            "one is under way",
            Charging,
            wallet(0),
            open,
            none,
            wait(Wait::UnderWay),
        ),
        (
            "in debt",
            Armed,
            owing,
            nothing.clone(),
            none,
            wait(Wait::Owes),
        ),
        (
            "a minute is not over",
            Cooldown,
            wallet(0),
            settled(&[0]),
            none,
            wait(Wait::Cooldown { until: minutes(1) }),
        ),
        (
            "a minute is over",
            Cooldown,
            wallet(0),
            settled(&[1]),
            none,
            refill,
        ),
        (
            "two within an hour",
            Armed,
            wallet(0),
            settled(&[2, 59]),
            none,
            wait(Wait::Fuse),
        ),
        (
            "two, one of them an hour ago",
            Armed,
            wallet(0),
            settled(&[2, 60]),
            none,
            refill,
        ),
        (
            "two within an hour, but enough",
            Armed,
            wallet(1000),
            settled(&[2, 59]),
            none,
            wait(Wait::Enough),
        ),
        (
            "three in a day",
            Armed,
            wallet(0),
            settled(&[61, 300, 1000]),
            none,
            wait(Wait::DayFull {
                until: minutes(440),
            }),
        ),
        (
            "three, one of them a day ago",
            Armed,
            wallet(0),
            settled(&[61, 300, 1440]),
            none,
            refill,
        ),
        (
            "the fourth that fits the month",
            Armed,
            wallet(0),
            settled(&[2000, 4000, 6000]),
            none,
            refill,
        ),
        (
            "the fifth that does not",
            Armed,
            wallet(0),
            settled(&[2000, 4000, 6000, 8000]),
            none,
            wait(Wait::Capped { until: december }),
        ),
        (
            "capped although there is enough",
            Armed,
            wallet(5000),
            settled(&[2000, 4000, 6000, 8000]),
            none,
            wait(Wait::Capped { until: december }),
        ),
        (
            "charged in October",
            Capped,
            wallet(0),
            settled(&[30_000, 31_000, 32_000, 33_000]),
            none,
            refill,
        ),
        (
            "declined 14 minutes ago",
            BackingOff,
            wallet(0),
            nothing.clone(),
            declined(1, 14),
            wait(Wait::BackingOff { until: minutes(1) }),
        ),
        (
            "declined 15 minutes ago",
            BackingOff,
            wallet(0),
            nothing.clone(),
            declined(1, 15),
            refill,
        ),
        (
            "declined twice",
            BackingOff,
            wallet(0),
            nothing.clone(),
            declined(2, 15),
            wait(Wait::BackingOff {
                until: minutes(345),
            }),
        ),
        (
            "declined twice, six hours ago",
            BackingOff,
            wallet(0),
            nothing.clone(),
            declined(2, 360),
            refill,
        ),
        (
            "declined, paid by hand since",
            BackingOff,
            wallet(1000),
            nothing,
            declined(1, 15),
            wait(Wait::Enough),
        ),
    ];
    let rules = RefillRules::default();
    for (name, state, wallet, incoming, declines, expected) in table {
        let decision = rules.decide(&rule(state), &wallet, &incoming, &declines, NOW);
        assert_eq!(decision, expected, "{name}");
    }
}

#[test]
fn turning_it_on_again_mends_the_fuse_but_not_the_day() {
    let rules = RefillRules::default();
    let mended = RefillRule {
        armed_at: NOW - Duration::minutes(1),
        ..rule(RefillState::Armed)
    };
    let none = Declines::default();
    let decide = |minutes: &[i64]| rules.decide(&mended, &wallet(0), &settled(minutes), &none, NOW);
    assert_eq!(decide(&[2, 30]), Decision::Refill(dollars(25)));
    assert!(matches!(
        decide(&[2, 30, 40]),
        Decision::Wait(Wait::DayFull { .. })
    ));
}

#[test]
fn a_month_turns_in_utc() {
    for (now, turns) in [
        (
            datetime!(2026-11-30 23:59:59 UTC),
            datetime!(2026-12-01 00:00:00 UTC),
        ),
        (
            datetime!(2026-12-31 00:00:00 UTC),
            datetime!(2027-01-01 00:00:00 UTC),
        ),
        (
            datetime!(2027-01-31 12:00:00 UTC),
            datetime!(2027-02-01 00:00:00 UTC),
        ),
        (
            datetime!(2028-02-29 12:00:00 UTC),
            datetime!(2028-03-01 00:00:00 UTC),
        ),
    ] {
        assert_eq!(next_month(now), turns, "{now}");
    }
    let incoming = Incoming {
        is_open: false,
        settled: vec![
            Settled {
                at: datetime!(2026-11-30 23:59:59 UTC),
                amount: dollars(25),
            },
            Settled {
                at: datetime!(2026-12-01 00:00:00 UTC),
                amount: dollars(10),
            },
        ],
    };
    assert_eq!(
        incoming.in_month_of(datetime!(2026-11-01 00:00:00 UTC)),
        dollars(25)
    );
    assert_eq!(
        incoming.in_month_of(datetime!(2026-12-31 00:00:00 UTC)),
        dollars(10)
    );
}

#[test]
fn a_bank_s_no_says_whether_another_try_makes_sense() {
    for (code, advice, kind) in [
        (
            "insufficient_funds",
            Some("try_again_later"),
            DeclineKind::Soft,
        ),
        ("generic_decline", None, DeclineKind::Soft),
        (
            "generic_decline",
            Some("do_not_try_again"),
            DeclineKind::Hard,
        ),
        ("lost_card", None, DeclineKind::Hard),
        ("stolen_card", None, DeclineKind::Hard),
        ("pickup_card", None, DeclineKind::Hard),
        ("expired_card", Some("confirm_card_data"), DeclineKind::Hard),
        ("authentication_required", None, DeclineKind::NeedsCustomer),
    ] {
        assert_eq!(DeclineKind::of(code, advice), kind, "{code} {advice:?}");
    }
}

#[test]
fn three_refill_failures_suspend() {
    let rules = RefillRules::default();
    let after = |kind, in_a_row| rules.after_decline(kind, in_a_row, NOW);
    let later = |pause| AfterDecline::BackOff { until: NOW + pause };
    assert_eq!(after(DeclineKind::Soft, 1), later(Duration::minutes(15)));
    assert_eq!(after(DeclineKind::Soft, 2), later(Duration::hours(6)));
    let suspended = AfterDecline::Suspend(SuspendReason::Failures);
    assert_eq!(after(DeclineKind::Soft, 3), suspended);
    let hard = AfterDecline::Suspend(SuspendReason::CardDeclined);
    assert_eq!(after(DeclineKind::Hard, 1), hard);
    let until = NOW + Duration::hours(24);
    let asked = AfterDecline::AskCustomer { until };
    assert_eq!(after(DeclineKind::NeedsCustomer, 1), asked);
    // An operator who allows one more try gets the longest pause before it.
    let patient = RefillRules {
        failures: 4,
        ..RefillRules::default()
    };
    let third = patient.after_decline(DeclineKind::Soft, 3, NOW);
    assert_eq!(third, later(Duration::hours(24)));
}

#[test]
fn terms_are_checked_against_the_limits() {
    let rules = RefillRules::default();
    let with = |threshold: &str, amount: &str, cap: &str| {
        rules.check(RefillTerms {
            threshold: threshold.parse().unwrap(),
            amount: amount.parse().unwrap(),
            monthly_cap: cap.parse().unwrap(),
        })
    };
    for (threshold, amount, cap) in [
        ("2", "5", "5"),
        ("500", "1000", "10000"),
        ("10", "25", "100"),
    ] {
        assert!(with(threshold, amount, cap).is_ok());
    }
    for threshold in ["1.99", "500.01", "2.005"] {
        let refused = with(threshold, "25", "100");
        assert!(
            matches!(refused, Err(RefillRefusal::Threshold { .. })),
            "{threshold}"
        );
    }
    for amount in ["4.99", "1000.01", "25.001"] {
        let refused = with("10", amount, "5000");
        assert!(
            matches!(refused, Err(RefillRefusal::Amount { .. })),
            "{amount}"
        );
    }
    for cap in ["24.99", "10000.01", "0"] {
        let refused = with("10", "25", cap);
        assert!(matches!(refused, Err(RefillRefusal::Cap { .. })), "{cap}");
    }
    assert_eq!(rules.offered_cap(dollars(25)), dollars(100));
    assert_eq!(rules.offered_cap(dollars(1000)), dollars(4000));
}

#[test]
fn the_cap_is_near_once() {
    let rules = RefillRules::default();
    let near = |before, after| rules.comes_near_cap(&terms(), dollars(before), dollars(after));
    assert!(!near(25, 75));
    assert!(near(75, 100));
    assert!(near(79, 80));
    assert!(!near(80, 100));
}

proptest! {
    /// Whatever happened before, what is charged fits the month, the day and the fuse.
    #[test]
    fn a_refill_keeps_every_limit(
        ages in proptest::collection::vec(0i64..50_000, 0..8),
        cents in 0i64..3_000,
        in_a_row in 0u32..3,
        declined_ago in 0i64..2_000,
    ) {
        let rules = RefillRules::default();
        let incoming = settled(&ages);
        let declines = if in_a_row == 0 { Declines::default() } else { declined(in_a_row, declined_ago) };
        let decision = rules.decide(&rule(RefillState::Armed), &wallet(cents), &incoming, &declines, NOW);
        if let Decision::Refill(amount) = decision {
            prop_assert!(incoming.in_month_of(NOW) + amount <= terms().monthly_cap);
            prop_assert!(ages.iter().filter(|age| **age < 1440).count() < rules.per_day);
            prop_assert!(ages.iter().filter(|age| **age < 60).count() < rules.fuse);
            prop_assert!(cents < 1_000);
            prop_assert!(in_a_row == 0 || declined_ago >= 15);
        }
        if let Decision::Wait(wait) = decision {
            prop_assert!(wait.until().is_none_or(|until| until > NOW));
        }
    }
}
