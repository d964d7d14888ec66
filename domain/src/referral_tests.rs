use proptest::prelude::*;

use super::*;

fn day(number: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(number)
}

fn bought(used: &str) -> Facts {
    Facts {
        purchase: Some(Purchase {
            settled_at: day(1),
            used: used.parse().unwrap(),
            undone_at: None,
        }),
        ..nothing()
    }
}

fn nothing() -> Facts {
    Facts {
        purchase: None,
        shared: None,
        capped_until: None,
        rewarded_at: None,
        taken_back_at: None,
    }
}

fn undone(facts: Facts, at: i64) -> Facts {
    let purchase = facts.purchase.map(|purchase| Purchase {
        undone_at: Some(day(at)),
        ..purchase
    });
    Facts { purchase, ..facts }
}

fn rewarded(facts: Facts, at: i64) -> Facts {
    Facts {
        rewarded_at: Some(day(at)),
        ..facts
    }
}

#[test]
fn each_step_is_told_with_what_is_missing() {
    let rules = ReferralRules::default();
    let using = |missing: &str| Standing::Using {
        missing: missing.parse().unwrap(),
    };
    let capped = Facts {
        capped_until: Some(day(12)),
        ..bought("2")
    };
    let same_card = Facts {
        shared: Some(Shared::Card),
        ..bought("2")
    };
    let taken_back = Facts {
        taken_back_at: Some(day(20)),
        ..rewarded(undone(bought("2"), 19), 8)
    };
    let cases = [
        (nothing(), 1, Standing::Invited),
        (bought("0"), 1, using("2")),
        (bought("1.9999"), 30, using("0.0001")),
        (bought("2"), 1, Standing::Waiting { until: day(8) }),
        (bought("2"), 7, Standing::Waiting { until: day(8) }),
        (bought("2"), 8, Standing::Due),
        (capped, 8, Standing::Capped { until: day(12) }),
        (capped, 12, Standing::Due),
        (same_card, 8, Standing::Refused(Shared::Card)),
        (undone(bought("2"), 5), 8, Standing::Undone),
        (
            rewarded(bought("2"), 8),
            9,
            Standing::Rewarded { at: day(8) },
        ),
        (rewarded(undone(bought("2"), 61), 8), 61, Standing::Spoiled),
        (
            rewarded(undone(bought("2"), 62), 8),
            62,
            Standing::Rewarded { at: day(8) },
        ),
        (taken_back, 21, Standing::TakenBack { at: day(20) }),
    ];
    for (number, (facts, at, expected)) in cases.into_iter().enumerate() {
        assert_eq!(standing(&facts, &rules, day(at)), expected, "case {number}");
    }
}

#[test]
fn a_rewarded_purchase_is_watched_as_long_as_it_can_be_undone() {
    let rules = ReferralRules::default();
    let facts = rewarded(bought("2"), 8);
    let again = |at| look_again(standing(&facts, &rules, day(at)), &facts, &rules, day(at));
    assert_eq!(again(8), Some(day(8) + Duration::hours(1)));
    assert_eq!(again(61), Some(day(61) + Duration::hours(1)));
    assert_eq!(again(62), None);
}

#[test]
fn credit_that_is_used_is_looked_for_when_the_wait_is_over() {
    let rules = ReferralRules::default();
    let facts = bought("1");
    let again = |at| look_again(standing(&facts, &rules, day(at)), &facts, &rules, day(at));
    assert_eq!(again(2), Some(day(8)));
    assert_eq!(again(9), Some(day(9) + Duration::hours(1)));
}

proptest! {
    /// Whatever else is true, nothing is due before the purchase stood for a week, was used and
    /// belongs to somebody else.
    #[test]
    fn nothing_is_due_early(
        used in 0i64..400, settled in 0i64..40, at in 0i64..80, undone in proptest::option::of(0i64..80),
        shares: bool, capped in proptest::option::of(0i64..80),
    ) {
        let rules = ReferralRules::default();
        let facts = Facts {
            purchase: Some(Purchase {
                settled_at: day(settled),
                used: Money::from_cents(used),
                undone_at: undone.map(day),
            }),
            shared: shares.then_some(Shared::Number),
            capped_until: capped.map(day),
            ..nothing()
        };
        let due = standing(&facts, &rules, day(at)) == Standing::Due;
        let should = used >= 200 && at >= settled + 7 && undone.is_none() && !shares
            && capped.is_none_or(|until| until <= at);
        prop_assert_eq!(due, should);
    }

    /// A look that leads to another one leads to a later one.
    #[test]
    fn looking_ends(used in 0i64..400, at in 1i64..80, given: bool) {
        let rules = ReferralRules::default();
        let facts = Facts {
            rewarded_at: given.then(|| day(8)),
            ..bought(&Money::from_cents(used).decimal().to_string())
        };
        let now = day(at);
        let stands = standing(&facts, &rules, now);
        if let Some(again) = look_again(stands, &facts, &rules, now) {
            prop_assert!(again > now || matches!(stands, Standing::Due | Standing::Spoiled));
        }
    }
}
