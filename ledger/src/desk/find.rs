//! Finding a customer by whatever they quote, in one field.

use domain::campaign::Code;
use domain::{Email, WalletId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::error::Error;
use crate::number::pasted_digits;

/// Customers of one answer: who finds more types more.
const MOST: i64 = 20;

/// A customer, and by what they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub wallet_id: WalletId,
    pub email: Email,
    pub created_at: OffsetDateTime,
    /// What the text was to this customer: `email`, `call`.
    pub by: String,
}

impl Ledger {
    /// Customers whose e-mail address begins with the text, or who have a thing of this name: a wallet,
    /// a number, a call, a message, a top-up, a correction, an object at Stripe, a receipt, a code.
    pub async fn find_customers(&self, typed: &str) -> Result<Vec<Found>, Error> {
        let text = typed.trim();
        if text.chars().count() < 3 || text.len() > 254 {
            return Ok(Vec::new());
        }
        let start = text
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let code = Code::read(text);
        Ok(sqlx::query_as!(
            Found,
            r#"with hit as (
                   (select wallet_id, 'email' as by from customer where email like $2 order by email limit $6)
                   union all select wallet_id, 'wallet' from customer where wallet_id = $3
                   union all select wallet_id, 'customer' from customer where customer_id = $3
                   union all select wallet_id, 'customer' from customer where stripe_customer_id = $1
                   union all select wallet_id, 'number' from phone_number where number = $4
                   union all select wallet_id, 'invitation code' from referral_code where code = $5
                   union all (select wallet_id, 'call' from call where call_id = $1 limit $6)
                   union all (select wallet_id, 'message' from message where message_id = $1 limit $6)
                   union all select wallet_id, 'top-up' from top_up where top_up_id = $3
                   union all select wallet_id, 'payment' from top_up where stripe_payment_id = $1
                   union all select wallet_id, 'charge' from top_up where stripe_charge_id = $1
                   union all select wallet_id, 'checkout' from top_up where stripe_session_id = $1
                   union all select wallet_id, 'receipt' from top_up where receipt_number = $1
                   union all select wallet_id, 'correction' from adjustment where adjustment_id = $3
                   union all (select wallet_id, 'credit' from credit_grant where grant_id = $1 limit $6)
                   union all select wallet_id, 'event' from stripe_event where event_id = $1
               ), named as (
                   select wallet_id, min(by) as by from hit group by wallet_id limit $6
               )
               select wallet_id as "wallet_id!: WalletId", email as "email!: Email", created_at as "created_at!",
                      by as "by!"
               from named join customer using (wallet_id) order by email"#,
            text,
            format!("{start}%"),
            text.parse::<Uuid>().ok(),
            pasted_digits(text),
            code.as_ref().map(Code::as_str),
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
