// Which type of Stripe's library each exchange must satisfy.

/** Parameters that are numbers; a form sends all as text. */
export const numbers = new Set([
  "amount",
  "expires_at",
  "exp_month",
  "exp_year",
  "gt",
  "gte",
  "limit",
  "lt",
  "lte",
  "quantity",
  "unit_amount",
]);

/** By what the answer says it is. */
export const responseTypes = new Map([
  ["balance_transaction", "Stripe.BalanceTransaction"],
  ["billing_portal.session", "Stripe.BillingPortal.Session"],
  ["charge", "Stripe.Charge"],
  ["checkout.session", "Stripe.Checkout.Session"],
  ["customer", "Stripe.Customer"],
  ["deleted customer", "Stripe.DeletedCustomer"],
  ["deleted webhook_endpoint", "Stripe.DeletedWebhookEndpoint"],
  ["dispute", "Stripe.Dispute"],
  // Each kind of event has a type of its own; the witness looks at what they all have, and at
  // the objects inside where they are answers themselves.
  ["event", 'Omit<Stripe.Event, "data" | "type"> & { data: unknown; type: Stripe.Event["type"] }'],
  ["invoice", "Stripe.Invoice"],
  ["invoice_payment", "Stripe.InvoicePayment"],
  ["item", "Stripe.LineItem"],
  ["payment_intent", "Stripe.PaymentIntent"],
  ["payment_method", "Stripe.PaymentMethod"],
  ["refund", "Stripe.Refund"],
  ["setup_intent", "Stripe.SetupIntent"],
  ["webhook_endpoint", "Stripe.WebhookEndpoint"],
]);

/** By where the question went. The first that fits counts. */
export const requestTypes = [
  ["POST", /^\/v1\/customers$/, "Stripe.CustomerCreateParams"],
  ["GET", /^\/v1\/customers$/, "Stripe.CustomerListParams"],
  ["POST", /^\/v1\/customers\/[^/]+$/, "Stripe.CustomerUpdateParams"],
  ["GET", /^\/v1\/customers\/[^/]+$/, "Stripe.CustomerRetrieveParams"],
  ["GET", /^\/v1\/customers\/[^/]+\/payment_methods$/, "Stripe.CustomerListPaymentMethodsParams"],
  ["POST", /^\/v1\/checkout\/sessions$/, "Stripe.Checkout.SessionCreateParams"],
  ["GET", /^\/v1\/checkout\/sessions$/, "Stripe.Checkout.SessionListParams"],
  ["POST", /^\/v1\/checkout\/sessions\/[^/]+\/expire$/, "Stripe.Checkout.SessionExpireParams"],
  [
    "GET",
    /^\/v1\/checkout\/sessions\/[^/]+\/line_items$/,
    "Stripe.Checkout.SessionListLineItemsParams",
  ],
  ["GET", /^\/v1\/checkout\/sessions\/[^/]+$/, "Stripe.Checkout.SessionRetrieveParams"],
  ["POST", /^\/v1\/payment_intents$/, "Stripe.PaymentIntentCreateParams"],
  ["GET", /^\/v1\/payment_intents$/, "Stripe.PaymentIntentListParams"],
  ["POST", /^\/v1\/payment_intents\/[^/]+\/confirm$/, "Stripe.PaymentIntentConfirmParams"],
  ["POST", /^\/v1\/payment_intents\/[^/]+\/cancel$/, "Stripe.PaymentIntentCancelParams"],
  ["POST", /^\/v1\/payment_intents\/[^/]+$/, "Stripe.PaymentIntentUpdateParams"],
  ["GET", /^\/v1\/payment_intents\/[^/]+$/, "Stripe.PaymentIntentRetrieveParams"],
  ["POST", /^\/v1\/setup_intents$/, "Stripe.SetupIntentCreateParams"],
  ["GET", /^\/v1\/setup_intents$/, "Stripe.SetupIntentListParams"],
  ["POST", /^\/v1\/setup_intents\/[^/]+\/confirm$/, "Stripe.SetupIntentConfirmParams"],
  ["POST", /^\/v1\/setup_intents\/[^/]+\/cancel$/, "Stripe.SetupIntentCancelParams"],
  ["GET", /^\/v1\/setup_intents\/[^/]+$/, "Stripe.SetupIntentRetrieveParams"],
  ["POST", /^\/v1\/payment_methods$/, "Stripe.PaymentMethodCreateParams"],
  ["GET", /^\/v1\/payment_methods$/, "Stripe.PaymentMethodListParams"],
  ["POST", /^\/v1\/payment_methods\/[^/]+\/attach$/, "Stripe.PaymentMethodAttachParams"],
  ["POST", /^\/v1\/payment_methods\/[^/]+\/detach$/, "Stripe.PaymentMethodDetachParams"],
  ["GET", /^\/v1\/payment_methods\/[^/]+$/, "Stripe.PaymentMethodRetrieveParams"],
  ["GET", /^\/v1\/charges$/, "Stripe.ChargeListParams"],
  ["GET", /^\/v1\/charges\/[^/]+$/, "Stripe.ChargeRetrieveParams"],
  ["POST", /^\/v1\/refunds$/, "Stripe.RefundCreateParams"],
  ["GET", /^\/v1\/refunds$/, "Stripe.RefundListParams"],
  ["POST", /^\/v1\/refunds\/[^/]+\/cancel$/, "Stripe.RefundCancelParams"],
  ["GET", /^\/v1\/refunds\/[^/]+$/, "Stripe.RefundRetrieveParams"],
  ["GET", /^\/v1\/disputes$/, "Stripe.DisputeListParams"],
  ["POST", /^\/v1\/disputes\/[^/]+\/close$/, "Stripe.DisputeCloseParams"],
  ["POST", /^\/v1\/disputes\/[^/]+$/, "Stripe.DisputeUpdateParams"],
  ["GET", /^\/v1\/disputes\/[^/]+$/, "Stripe.DisputeRetrieveParams"],
  ["GET", /^\/v1\/balance_transactions\/[^/]+$/, "Stripe.BalanceTransactionRetrieveParams"],
  ["GET", /^\/v1\/invoices$/, "Stripe.InvoiceListParams"],
  ["GET", /^\/v1\/invoices\/[^/]+$/, "Stripe.InvoiceRetrieveParams"],
  ["GET", /^\/v1\/invoice_payments$/, "Stripe.InvoicePaymentListParams"],
  ["POST", /^\/v1\/billing_portal\/sessions$/, "Stripe.BillingPortal.SessionCreateParams"],
  ["GET", /^\/v1\/events$/, "Stripe.EventListParams"],
  ["GET", /^\/v1\/events\/[^/]+$/, "Stripe.EventRetrieveParams"],
  ["POST", /^\/v1\/webhook_endpoints$/, "Stripe.WebhookEndpointCreateParams"],
  ["GET", /^\/v1\/webhook_endpoints$/, "Stripe.WebhookEndpointListParams"],
  ["POST", /^\/v1\/webhook_endpoints\/[^/]+$/, "Stripe.WebhookEndpointUpdateParams"],
  ["GET", /^\/v1\/webhook_endpoints\/[^/]+$/, "Stripe.WebhookEndpointRetrieveParams"],
];

/** Fields (`object.field`) of a later version of the API than the types know, or earlier. */
export const newerThanTheTypes = new Set([]);

/** Answers that no type describes: what a fault made of them. */
export const faulty = [(status, response) => status >= 500 || typeof response !== "object"];
