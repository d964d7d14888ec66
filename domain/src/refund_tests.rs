use super::*;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn purchased(bought: &str, bonus: &str, paid_left: &str, bonus_left: &str) -> Purchased {
    Purchased {
        bought: money(bought),
        bonus: money(bonus),
        returned: Money::ZERO,
        clawed_back: Money::ZERO,
        paid_left: money(paid_left),
        bonus_left: money(bonus_left),
    }
}

#[test]
fn the_examples_of_the_rules_come_out_to_the_cent() {
    let rules = TopUpRules::default();
    // $100 + $8, $3 spent, all of it bonus.
    let all = purchased("100", "8", "100", "5")
        .refund(money("100"), &rules)
        .unwrap();
    assert_eq!(
        all,
        Refund {
            credit: money("100"),
            clawback: money("8"),
            from_bonus: money("5"),
            from_money: money("3"),
            back: money("97"),
        }
    );
    // $100 + $8, $50 spent: 8 of bonus and 42 paid.
    let most = purchased("100", "8", "58", "0").best(&rules).unwrap();
    assert_eq!((most.credit, most.back), (money("58"), money("50.84")));
}

#[test]
fn a_refund_as_a_table() {
    let rules = TopUpRules::default();
    for (bought, bonus, paid_left, bonus_left, credit, clawback, back) in [
        ("10", "0", "10", "0", "10", "0", "10"),
        ("10", "0", "9.9783", "0", "9.97", "0", "9.97"),
        ("25", "0.50", "25", "0.50", "25", "0.50", "25"),
        ("25", "0.50", "25", "0.50", "0.01", "0.50", "0.01"),
        ("50", "2.50", "50", "2.50", "25", "2", "25"),
        ("50", "2.50", "50", "0", "25", "2", "23"),
        ("100", "8", "100", "7.9917", "100", "8", "99.99"),
        ("1000", "120", "1000", "0", "500", "60", "440"),
        ("1000", "120", "1000", "0", "500.01", "70.01", "430"),
    ] {
        let refund = purchased(bought, bonus, paid_left, bonus_left)
            .refund(money(credit), &rules)
            .unwrap();
        assert_eq!(
            (refund.clawback, refund.back),
            (money(clawback), money(back)),
            "{credit} of {bought}"
        );
    }
}

#[test]
fn refusals_come_with_their_numbers() {
    let rules = TopUpRules::default();
    let some = purchased("25", "0.50", "20", "0");
    for (credit, refusal) in [
        ("20.01", RefundRefusal::AboveMost { most: money("20") }),
        ("0", RefundRefusal::NotAnAmount),
        ("-1", RefundRefusal::NotAnAmount),
        ("1.005", RefundRefusal::NotAnAmount),
        ("0.50", RefundRefusal::NothingBack),
    ] {
        assert_eq!(some.refund(money(credit), &rules), Err(refusal), "{credit}");
    }
    let gone = purchased("25", "0.50", "0.0099", "0");
    assert_eq!(
        gone.refund(money("0.01"), &rules),
        Err(RefundRefusal::NothingLeft)
    );
    assert_eq!(gone.best(&rules), None);
}

#[test]
fn the_most_comes_back_at_a_step_of_the_ladder() {
    let rules = TopUpRules::default();
    // Keeping $25 keeps its bonus of 2 %; a cent more of refund would cost 50 cents.
    let best = purchased("50", "2.50", "25.20", "0").best(&rules).unwrap();
    assert_eq!((best.credit, best.back), (money("25"), money("23")));
}

#[test]
fn a_refund_made_at_stripe_takes_back_only_bonus_that_is_there() {
    let rules = TopUpRules::default();
    let made = purchased("100", "8", "100", "5").follow(money("100"), &rules);
    assert_eq!((made.back, made.clawback), (money("100"), money("5")));
    let spent = purchased("100", "8", "58", "0").follow(money("100"), &rules);
    assert_eq!((spent.back, spent.clawback), (money("100"), Money::ZERO));
}

proptest! {
    /// What one has and gets back is what the smaller purchase would have left, to less than a cent.
    #[test]
    fn one_stands_as_if_the_rest_had_been_bought(
        cents in 500i64..100_000, spent in 0i64..100_000, part in 1u32..=100) {
        let rules = TopUpRules::default();
        let bought = Money::from_cents(cents);
        let bonus = rules.bonus(bought);
        let spent = Money::from_cents(spent).min(bought + bonus);
        let from_bonus = spent.min(bonus);
        let purchased = Purchased {
            bought, bonus, returned: Money::ZERO, clawed_back: Money::ZERO,
            paid_left: bought - (spent - from_bonus), bonus_left: bonus - from_bonus,
        };
        let credit = purchased.most().percent_in_cents(part);
        let Ok(refund) = purchased.refund(credit, &rules) else { return Ok(()) };
        let left = purchased.paid_left + purchased.bonus_left - refund.back - refund.clawback;
        let rest = bought - credit;
        let as_if = rest + rules.bonus(rest) - spent;
        prop_assert_eq!(left + refund.back, as_if + credit);
        prop_assert!(refund.back <= credit);
        prop_assert!(refund.back.cents().is_ok());
        prop_assert!(refund.from_bonus <= purchased.bonus_left);
    }

    /// Two refunds take back the same bonus as one of both.
    #[test]
    fn parts_come_to_the_whole(cents in 500i64..100_000, first in 1u32..=99) {
        let rules = TopUpRules::default();
        let bought = Money::from_cents(cents);
        let bonus = rules.bonus(bought);
        let fresh = Purchased {
            bought, bonus, returned: Money::ZERO, clawed_back: Money::ZERO, paid_left: bought, bonus_left: bonus,
        };
        let whole = fresh.refund(bought, &rules).unwrap();
        let part = bought.percent_in_cents(first);
        let Ok(one) = fresh.refund(part, &rules) else { return Ok(()) };
        let after = Purchased {
            returned: part, clawed_back: one.clawback, paid_left: bought - part,
            bonus_left: bonus - one.from_bonus, ..fresh
        };
        let two = after.refund(bought - part, &rules).unwrap();
        prop_assert_eq!(one.clawback + two.clawback, whole.clawback);
        prop_assert_eq!(one.back + two.back, whole.back);
    }

    /// No other amount in cents brings more back.
    #[test]
    fn the_best_is_the_best(cents in 500i64..60_000, spent in 0i64..60_000, other in 1i64..60_000) {
        let rules = TopUpRules::default();
        let bought = Money::from_cents(cents);
        let bonus = rules.bonus(bought);
        let spent = Money::from_cents(spent).min(bought + bonus);
        let from_bonus = spent.min(bonus);
        let purchased = Purchased {
            bought, bonus, returned: Money::ZERO, clawed_back: Money::ZERO,
            paid_left: bought - (spent - from_bonus), bonus_left: bonus - from_bonus,
        };
        if let Ok(refund) = purchased.refund(Money::from_cents(other), &rules) {
            let best = purchased.best(&rules).unwrap();
            // The bonus is rounded down to cents, so a neighbor can be a cent better.
            prop_assert!(best.back + Money::from_cents(1) >= refund.back);
        }
    }
}
