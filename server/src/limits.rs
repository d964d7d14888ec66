//! Limits an operator may set: guards against fraud, prices of messages, the pace of auto-refill.

use clap::Args;
use domain::Money;
use ledger::Rules;
use rust_decimal::Decimal;
use time::Duration;

/// The rules of calls, messages and auto-refill. A day is a day of UTC; amounts are US dollars.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Calls that may run at once in a wallet.
    #[arg(long, env = "CALLS_AT_ONCE", default_value_t = 2, global = true)]
    calls_at_once: u32,
    /// The most that calls may take from a wallet in a day.
    #[arg(long, env = "CALLS_PER_DAY", value_parser = amount, default_value = "50", global = true)]
    calls_per_day: Money,
    /// The most from a new wallet.
    #[arg(
        long,
        env = "NEW_WALLET_CALLS_PER_DAY",
        value_parser = amount,
        default_value = "20",
        global = true
    )]
    new_wallet_calls_per_day: Money,
    /// How long a wallet counts as new.
    #[arg(long, env = "NEW_WALLET_DAYS", default_value_t = 7, global = true)]
    new_wallet_days: u16,
    /// From this price per minute on a destination has a limit of its own.
    #[arg(long, env = "DEAR_PRICE", default_value = "0.50", global = true)]
    dear_price: Decimal,
    /// The most to one dear destination in a day.
    #[arg(long, env = "DEAR_CALLS_PER_DAY", value_parser = amount, default_value = "10", global = true)]
    dear_calls_per_day: Money,
    /// Price of a segment of a message on a number without a price of its own.
    #[arg(long, env = "MESSAGE_PRICE", value_parser = amount, default_value = "0.01", global = true)]
    message_price: Money,
    /// The most that messages may cost a wallet in a day.
    #[arg(long, env = "MESSAGES_PER_DAY", value_parser = amount, default_value = "1", global = true)]
    messages_per_day: Money,
    /// Auto-refills of a wallet within 24 hours.
    #[arg(long, env = "REFILLS_PER_DAY", default_value_t = 3, global = true)]
    refills_per_day: u16,
    /// Minutes between an auto-refill and the next.
    #[arg(
        long,
        env = "REFILL_COOLDOWN_MINUTES",
        default_value_t = 1,
        global = true
    )]
    refill_cooldown_minutes: u16,
    /// So many auto-refills within the time below stop it until the customer has looked.
    #[arg(long, env = "REFILL_FUSE", default_value_t = 2, global = true)]
    refill_fuse: u16,
    /// The minutes in which they look like a leak.
    #[arg(long, env = "REFILL_FUSE_MINUTES", default_value_t = 60, global = true)]
    refill_fuse_minutes: u16,
}

impl Limits {
    pub fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        rules.call.calls_at_once = self.calls_at_once;
        rules.spend.per_day = self.calls_per_day;
        rules.spend.new_per_day = self.new_wallet_calls_per_day;
        rules.spend.new_for = Duration::days(i64::from(self.new_wallet_days));
        rules.spend.dear_per_minute = self.dear_price;
        rules.spend.dear_per_day = self.dear_calls_per_day;
        rules.message.segment_price = self.message_price;
        rules.message.daily_cap = self.messages_per_day;
        // None at all would only be another way to say that auto-refill is off.
        rules.refill.per_day = usize::from(self.refills_per_day.max(1));
        rules.refill.cooldown = Duration::minutes(i64::from(self.refill_cooldown_minutes));
        rules.refill.fuse = usize::from(self.refill_fuse.max(1));
        rules.refill.fuse_within = Duration::minutes(i64::from(self.refill_fuse_minutes));
        rules
    }
}

/// An amount that can be a limit or a price: nothing is gained by less than nothing.
fn amount(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error| format!("{error}"))?;
    if amount.is_negative() {
        return Err("must not be negative".to_owned());
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use domain::call::CallRules;
    use domain::message::MessageRules;
    use domain::refill::RefillRules;
    use domain::spend::SpendRules;
    use time::Duration;

    use crate::command::Cli;

    #[test]
    fn without_configuration_the_rules_are_the_product_s() {
        let rules = Cli::parse_from(["server"]).config.limits.rules();
        assert_eq!(rules.call, CallRules::default());
        assert_eq!(rules.spend, SpendRules::default());
        assert_eq!(rules.message, MessageRules::default());
        assert_eq!(rules.refill, RefillRules::default());
    }

    #[test]
    fn an_operator_sets_them() {
        let arguments = ["server", "--calls-per-day", "12.50", "--calls-at-once", "1"];
        let refill = ["--refill-fuse", "4", "--refill-cooldown-minutes", "10"];
        let rules = Cli::parse_from(arguments.into_iter().chain(refill));
        let rules = rules.config.limits.rules();
        assert_eq!(rules.refill.fuse, 4);
        assert_eq!(rules.refill.cooldown, Duration::minutes(10));
        assert_eq!(rules.spend.per_day, "12.5".parse().unwrap());
        assert_eq!(rules.call.calls_at_once, 1);
    }

    #[test]
    fn no_limit_and_no_price_is_negative() {
        for name in ["--calls-per-day", "--message-price", "--messages-per-day"] {
            for wrong in ["-0.01", "free", "0.00001"] {
                let parsed = Cli::try_parse_from(["server", &format!("{name}={wrong}")]);
                assert!(parsed.is_err(), "{name} {wrong}");
            }
        }
    }
}
