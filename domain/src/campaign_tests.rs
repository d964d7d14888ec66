use proptest::prelude::*;

use super::*;

const SMALLEST: Money = Money::from_dollars(5);

fn day(number: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(number)
}

fn campaign() -> Campaign {
    Campaign {
        code: "WELCOME-10".into(),
        reason: "Welcome credit".into(),
        amount: Money::from_dollars(2),
        starts_at: day(10),
        ends_at: day(20),
        budget_count: 100,
        budget_sum: Money::from_dollars(200),
        first_top_up_only: false,
        smallest_top_up: None,
        credit_days: 30,
    }
}

fn somebody() -> Redeemer {
    Redeemer {
        has_used: false,
        has_bought: false,
        purchase: None,
    }
}

#[test]
fn a_code_is_the_same_however_it_is_typed() {
    for typed in [
        "WELCOME10",
        "welcome10",
        " Welcome 10 ",
        "wel-come-1o",
        "WE1C0ME10",
        "weIcome\u{2013}l0",
        "ｗｅｌｃｏｍｅ１０",
        "WELCOME\u{a0}10",
    ] {
        let code = Code::read(typed).map(|code| code.as_str().to_owned());
        assert_eq!(code.as_deref(), Some("WE1C0ME10"), "{typed}");
    }
}

#[test]
fn what_cannot_be_a_code_is_none() {
    let long = "A".repeat(33);
    for typed in [
        "",
        "   ",
        "ABC",
        "a-b-c",
        "WELCOME!",
        "ПРИВЕТ10",
        "10%OFF",
        "a\u{202e}bcd",
        "a\nbcd",
        &long,
    ] {
        assert_eq!(Code::read(typed), None, "{typed:?}");
    }
    assert!(Code::read(&long[1..]).is_some());
}

#[test]
fn a_campaign_is_checked_before_it_runs() {
    type Change = fn(&mut Campaign);
    let cases: [(Change, CampaignRefusal); 11] = [
        (|c| c.code = "X".into(), CampaignRefusal::Code),
        (|c| c.reason = "  a ".into(), CampaignRefusal::Reason),
        (|c| c.amount = Money::ZERO, CampaignRefusal::Amount),
        (
            |c| c.amount = Money::from_dollars(1_001),
            CampaignRefusal::Amount,
        ),
        (|c| c.ends_at = c.starts_at, CampaignRefusal::Window),
        (
            |c| (c.starts_at, c.ends_at) = (day(1), day(2)),
            CampaignRefusal::Window,
        ),
        (|c| c.budget_count = 0, CampaignRefusal::Budget),
        (
            |c| c.budget_sum = Money::from_dollars(1),
            CampaignRefusal::Budget,
        ),
        (
            |c| c.smallest_top_up = Some(Money::ZERO),
            CampaignRefusal::SmallestTopUp,
        ),
        (|c| c.credit_days = 0, CampaignRefusal::CreditDays),
        (|c| c.credit_days = 4_000, CampaignRefusal::CreditDays),
    ];
    for (spoil, refusal) in cases {
        let mut spoiled = campaign();
        spoil(&mut spoiled);
        assert_eq!(spoiled.check(day(5)), Err(refusal));
    }
    assert!(campaign().check(day(5)).is_ok());
}

#[test]
fn each_refusal_of_a_code_has_its_name() {
    let later = Campaign {
        smallest_top_up: Some(Money::from_dollars(20)),
        ..campaign()
    };
    let first = Campaign {
        first_top_up_only: true,
        ..campaign()
    };
    let with = |dollars| Redeemer {
        purchase: Some(Money::from_dollars(dollars)),
        ..somebody()
    };
    let used = Redeemer {
        has_used: true,
        ..somebody()
    };
    let bought = Redeemer {
        has_bought: true,
        ..with(50)
    };
    let minimum = |dollars| {
        Err(PromoRefusal::Minimum {
            smallest: Money::from_dollars(dollars),
        })
    };
    let cases = [
        (campaign(), false, somebody(), 10, Ok(())),
        (
            campaign(),
            false,
            somebody(),
            9,
            Err(PromoRefusal::NotStarted),
        ),
        (
            campaign(),
            false,
            somebody(),
            20,
            Err(PromoRefusal::Expired),
        ),
        (campaign(), true, somebody(), 15, Err(PromoRefusal::Expired)),
        (campaign(), false, used, 20, Err(PromoRefusal::Used)),
        (campaign(), false, bought, 15, Ok(())),
        (later.clone(), false, somebody(), 15, minimum(20)),
        (later.clone(), false, with(19), 15, minimum(20)),
        (later.clone(), false, with(20), 15, Ok(())),
        (later, false, bought, 15, Ok(())),
        (first.clone(), false, somebody(), 15, minimum(5)),
        (first.clone(), false, with(5), 15, Ok(())),
        (first, false, bought, 15, Err(PromoRefusal::NotEligible)),
    ];
    for (number, (campaign, stopped, who, at, expected)) in cases.into_iter().enumerate() {
        assert_eq!(
            redeem(&campaign, stopped, who, SMALLEST, day(at)),
            expected,
            "case {number}"
        );
    }
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own_normal_form(typed in "[ -]{0,3}[0-9A-Za-z -]{4,40}") {
        if let Some(code) = Code::read(&typed) {
            prop_assert_eq!(Code::read(code.as_str()), Some(code.clone()));
            prop_assert_eq!(Code::read(&typed.to_lowercase()), Some(code.clone()));
            prop_assert!(!code.as_str().contains(['O', 'I', 'L', ' ', '-']));
        }
    }

    #[test]
    fn nothing_typed_panics(typed in ".{0,60}") {
        let _ = Code::read(&typed);
    }

    /// Whoever has used a code, comes too late or too early gets nothing, whatever else holds.
    #[test]
    fn outside_its_window_a_code_gives_nothing(
        at in 0i64..40, has_used: bool, has_bought: bool, first_top_up_only: bool,
        dollars in proptest::option::of(1u32..100), smallest in proptest::option::of(1u32..100),
    ) {
        let campaign = Campaign {
            first_top_up_only,
            smallest_top_up: smallest.map(Money::from_dollars),
            ..campaign()
        };
        let who = Redeemer { has_used, has_bought, purchase: dollars.map(Money::from_dollars) };
        let answer = redeem(&campaign, false, who, SMALLEST, day(at));
        if has_used || !(10..20).contains(&at) || (first_top_up_only && has_bought) {
            prop_assert!(answer.is_err());
        } else if let (Some(least), Some(dollars)) = (smallest, dollars) {
            prop_assert_eq!(answer.is_ok(), dollars >= least);
        }
    }
}
