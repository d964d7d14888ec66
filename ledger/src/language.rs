//! In which language a person is written to.

use domain::CustomerId;
use language::Language;

use crate::Ledger;
use crate::error::Error;

impl Ledger {
    /// None until it was chosen, or the person signed in.
    pub async fn language(&self, customer_id: CustomerId) -> Result<Option<Language>, Error> {
        let tag = sqlx::query_scalar!(
            "select language from customer where customer_id = $1",
            customer_id as CustomerId
        )
        .fetch_optional(self.web())
        .await?;
        Ok(tag.flatten().as_deref().and_then(Language::from_tag))
    }

    /// Notices and letters from now on are in this language.
    pub async fn choose_language(
        &self,
        customer_id: CustomerId,
        language: Language,
    ) -> Result<(), Error> {
        sqlx::query!(
            "update customer set language = $2 where customer_id = $1",
            customer_id as CustomerId,
            language.tag()
        )
        .execute(self.web())
        .await?;
        Ok(())
    }
}
