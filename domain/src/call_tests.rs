use super::*;
use crate::rate::UncheckedPricing;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn pricing(per_minute: &str, initial_seconds: u32, increment_seconds: u32) -> Pricing {
    Pricing::try_from(UncheckedPricing {
        per_minute: per_minute.parse().unwrap(),
        connection_fee: Money::ZERO,
        initial_seconds,
        increment_seconds,
        max_seconds: 14_400,
    })
    .unwrap()
}

fn paid(text: &str) -> Wallet {
    Wallet {
        paid: money(text),
        ..Wallet::default()
    }
}

fn start(pricing: &Pricing, wallet: &Wallet, running: u32) -> Result<Grant, CallRefusal> {
    authorize(
        pricing,
        RateKind::Mobile,
        wallet,
        &CallRules::default(),
        running,
    )
}

#[test]
fn a_balance_for_a_part_of_the_first_step_is_refused_before_it_rings() {
    // 15 seconds' worth of a 60/60 route.
    let refusal = start(&pricing("0.10", 60, 60), &paid("0.025"), 0);
    assert_eq!(
        refusal,
        Err(CallRefusal::BelowMinimum {
            required: money("0.1"),
            available: money("0.025"),
            shortfall: money("0.075"),
            refill_possible: false,
        })
    );
}

#[test]
fn five_minutes_are_held_or_all_there_is() {
    let route = pricing("0.10", 1, 1);
    assert_eq!(
        start(&route, &paid("10"), 0),
        Ok(Grant {
            held: money("0.5"),
            seconds: 300,
            is_final: false
        })
    );
    assert_eq!(
        start(&route, &paid("0.2"), 0),
        Ok(Grant {
            held: money("0.2"),
            seconds: 120,
            is_final: true
        })
    );
    // Exactly five minutes: nothing is left to extend with.
    assert!(start(&route, &paid("0.5"), 0).unwrap().is_final);
    assert!(start(&route, &paid("0.0999"), 0).is_err());
}

#[test]
fn a_first_step_longer_than_the_hold_is_held_whole() {
    let route = pricing("0.10", 600, 60);
    assert_eq!(start(&route, &paid("10"), 0).unwrap().held, money("1"));
    assert!(start(&route, &paid("0.9999"), 0).is_err());
}

#[test]
fn debt_and_too_many_calls_are_refused_before_the_balance_is_looked_at() {
    let route = pricing("0.10", 1, 1);
    let owing = Wallet {
        debt: money("0.0001"),
        ..paid("10")
    };
    assert_eq!(
        start(&route, &owing, 9),
        Err(CallRefusal::WalletFrozen {
            reason: FreezeReason::Debt
        })
    );
    assert_eq!(
        start(&route, &paid("0"), 2),
        Err(CallRefusal::TooManyCalls { limit: 2 })
    );
    assert!(start(&route, &paid("1"), 1).is_ok());
}

#[test]
fn given_credit_does_not_pay_for_special_numbers() {
    let route = pricing("1", 1, 1);
    let wallet = Wallet {
        promotional: money("50"),
        ..paid("1.5")
    };
    let rules = CallRules::default();
    let special = authorize(&route, RateKind::Special, &wallet, &rules, 0).unwrap();
    assert_eq!(special.held, money("1.5"));
    assert_eq!(
        promotional_part(&wallet, RateKind::Special, money("1.5")),
        Money::ZERO
    );
    assert_eq!(
        promotional_part(&wallet, RateKind::Mobile, money("51")),
        money("50")
    );
    let held = Wallet {
        held: money("1"),
        ..wallet
    };
    assert!(authorize(&route, RateKind::Special, &held, &rules, 0).is_err());
}

#[test]
fn an_extension_takes_at_most_a_fair_share() {
    let route = pricing("0.60", 1, 1);
    let rules = CallRules::default();
    let before = Grant {
        held: money("3"),
        seconds: 300,
        is_final: false,
    };
    let wallet = Wallet {
        held: money("6"),
        ..paid("10")
    };
    let kind = RateKind::Mobile;
    let early = extend(&route, kind, &wallet, &rules, 2, before, 270);
    assert_eq!(early, before, "thirty seconds are left");
    let late = extend(&route, kind, &wallet, &rules, 2, before, 271);
    assert_eq!(late.held, money("5"), "half of the four dollars left");
    assert_eq!(late.seconds, 500);
    let alone = extend(&route, kind, &wallet, &rules, 1, before, 271);
    assert_eq!((alone.held, alone.seconds), (money("6"), 600));
}

#[test]
fn a_grant_is_final_when_no_step_can_be_bought_and_a_top_up_lifts_it() {
    let route = pricing("0.10", 60, 60);
    let rules = CallRules::default();
    let before = Grant {
        held: money("0.2"),
        seconds: 120,
        is_final: false,
    };
    let kind = RateKind::Mobile;
    let poor = Wallet {
        held: money("0.2"),
        ..paid("0.2999")
    };
    let last = extend(&route, kind, &poor, &rules, 1, before, 100);
    assert_eq!(
        last,
        Grant {
            is_final: true,
            ..before
        }
    );
    let rich = Wallet {
        held: money("0.2"),
        ..paid("10")
    };
    let lifted = extend(&route, kind, &rich, &rules, 1, last, 100);
    assert_eq!((lifted.seconds, lifted.is_final), (420, false));
    let owing = Wallet {
        debt: money("1"),
        ..rich
    };
    assert!(extend(&route, kind, &owing, &rules, 1, last, 100).is_final);
}

#[test]
fn talking_past_the_hold_costs_what_is_available_and_the_rest_is_shrinkage() {
    let route = pricing("0.60", 1, 1);
    let settled = settle(&route, money("3"), money("0.5"), 400);
    assert_eq!(settled.charge, money("3.5"));
    assert_eq!(settled.beyond_hold, money("0.5"));
    assert_eq!(settled.shrinkage, money("0.5"));
    assert_eq!(settled.released, Money::ZERO);
}

#[test]
fn a_late_report_corrects_down_freely_and_up_by_the_unused_hold() {
    let route = pricing("0.60", 1, 1);
    let (charged, held) = (money("1"), money("3"));
    let down = correct(&route, charged, held, money("9"), 50);
    assert_eq!((down.given_back, down.charge), (money("0.5"), money("0.5")));
    let up = correct(&route, charged, held, money("9"), 150);
    assert_eq!(
        (up.taken, up.charge, up.shrinkage),
        (money("0.5"), money("1.5"), Money::ZERO)
    );
    let far = correct(&route, charged, held, money("9"), 500);
    assert_eq!((far.taken, far.shrinkage), (money("2"), money("2")));
    let poor = correct(&route, charged, held, money("0.25"), 150);
    assert_eq!((poor.taken, poor.shrinkage), (money("0.25"), money("0.25")));
}

proptest! {
    /// Captured and released are what was held, and nobody pays more than there is.
    #[test]
    fn what_is_captured_and_released_was_held(
        pricing in crate::rate::tests::any_pricing(), paid_units in 0i64..50_000_000, talked in 0u32..20_000) {
        let wallet = Wallet { paid: Money::exact(Decimal::new(paid_units, 4)).unwrap(), ..Wallet::default() };
        if let Ok(grant) = start(&pricing, &wallet, 0) {
            prop_assert!(grant.held <= wallet.available());
            prop_assert!(pricing.charge(grant.seconds) <= grant.held);
            let available = wallet.available() - grant.held;
            let settled = settle(&pricing, grant.held, available, talked);
            prop_assert_eq!(settled.charge - settled.beyond_hold + settled.released, grant.held);
            prop_assert_eq!(settled.charge + settled.shrinkage, pricing.charge(talked));
            prop_assert!(settled.charge <= wallet.available());
            if talked <= grant.seconds {
                prop_assert_eq!(settled.charge, pricing.charge(talked));
            }
        }
    }

    /// Two calls that extend in turn never hold more than there is, and neither loses time.
    #[test]
    fn extensions_never_shrink_and_never_outrun_the_wallet(
        pricing in crate::rate::tests::any_pricing(), units in 1i64..5_000_000, beats in 1usize..30) {
        let rules = CallRules::default();
        let kind = RateKind::Landline;
        let mut wallet = Wallet { paid: Money::exact(Decimal::new(units, 4)).unwrap(), ..Wallet::default() };
        let mut calls = Vec::new();
        for running in 0..2 {
            if let Ok(grant) = start(&pricing, &wallet, running) {
                wallet.held += grant.held;
                calls.push(grant);
            }
        }
        let running = calls.len() as u32;
        for beat in 0..beats {
            for call in &mut calls {
                let after = extend(&pricing, kind, &wallet, &rules, running, *call, beat as u32 * 15);
                prop_assert!(after.seconds >= call.seconds && after.held >= call.held);
                wallet.held += after.held - call.held;
                prop_assert!(!wallet.available().is_negative());
                prop_assert!(pricing.charge(after.seconds) <= after.held);
                *call = after;
            }
        }
    }
}
