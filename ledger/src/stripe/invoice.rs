//! Invoices: asked for with a payment page, found by it later, with links that work today.

use std::collections::HashMap;

use stripe_billing::invoice::RetrieveInvoice;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionCustomerUpdate,
    CreateCheckoutSessionCustomerUpdateAddress, CreateCheckoutSessionCustomerUpdateName,
    CreateCheckoutSessionInvoiceCreation, CreateCheckoutSessionInvoiceCreationInvoiceData,
    CreateCheckoutSessionTaxIdCollection, RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionBillingAddressCollection;

use super::{Stripe, Trouble};

/// Where an invoice opens, for ten days from now. Never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLinks {
    pub hosted: String,
    pub pdf: String,
}

impl Stripe {
    /// None while Stripe has not finished it.
    pub(crate) async fn invoice_links(
        &self,
        session_id: &str,
    ) -> Result<Option<InvoiceLinks>, Trouble> {
        let session = RetrieveCheckoutSession::new(session_id)
            .send(&self.client)
            .await?;
        let invoice = session.invoice.and_then(|invoice| invoice.id().clone());
        let Some(invoice_id) = invoice else {
            return Ok(None);
        };
        let invoice = RetrieveInvoice::new(invoice_id).send(&self.client).await?;
        let links = invoice.hosted_invoice_url.zip(invoice.invoice_pdf);
        Ok(links.map(|(hosted, pdf)| InvoiceLinks { hosted, pdf }))
    }
}

/// Asks for an invoice and for what belongs on it: the billing address, and a business's tax id where
/// Stripe knows one. Both are kept with the customer, whose name Stripe must be allowed to write for that.
pub(super) fn with_invoice(
    session: CreateCheckoutSession,
    tags: HashMap<String, String>,
) -> CreateCheckoutSession {
    let mut kept = CreateCheckoutSessionCustomerUpdate::new();
    kept.address = Some(CreateCheckoutSessionCustomerUpdateAddress::Auto);
    kept.name = Some(CreateCheckoutSessionCustomerUpdateName::Auto);
    let mut data = CreateCheckoutSessionInvoiceCreationInvoiceData::new();
    data.metadata = Some(tags);
    let mut invoice = CreateCheckoutSessionInvoiceCreation::new(true);
    invoice.invoice_data = Some(data);
    session
        .customer_update(kept)
        .invoice_creation(invoice)
        .tax_id_collection(CreateCheckoutSessionTaxIdCollection::new(true))
        .billing_address_collection(CheckoutSessionBillingAddressCollection::Required)
}
