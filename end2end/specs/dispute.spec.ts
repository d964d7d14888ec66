import { Stripe } from "../fixtures/stripe.ts";
import { expect, test } from "../fixtures/test.ts";
import { figure, historyRows } from "../fixtures/top-up.ts";

test("a dispute that is lost leaves a debt, which the next top-up pays", async ({
  customer,
  page,
  request,
  sandbox,
  topUp,
}) => {
  await topUp.buy(10);
  const { charge, wallet } = await new Stripe(request, customer.email).payment();
  const message = { wallet, from: "ACME", to: "+12125550123", body: "Hello.", segments: 10 };
  await sandbox.control("switch/message", message);
  const balance = page.getByRole("region", { name: "Available balance" });
  const becomes = async (amount: string) =>
    expect(async () => {
      await page.goto("/wallet");
      await expect(balance).toContainText(amount, { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
  await becomes("$9.90");

  const dispute = (await sandbox.control(`charges/${charge}/dispute`, {
    kind: "chargeback",
  })) as { id: string };
  await becomes("$0.00");
  await expect(figure(page, "Debt")).toContainText("0.10");
  await expect(page.getByText("Your bank took $10.00 back")).toBeVisible();
  await expect(page.getByText("Auto-refill is off.", { exact: false })).toBeVisible();
  await sandbox.control(`disputes/${dispute.id}/lose`);
  await expect
    .poll(async () => (await sandbox.mail(customer.email)).map((mail) => mail.subject))
    .toContain("Your bank took $10.00 back");

  // With debt no call starts; the form says what comes first.
  await page.goto("/call?to=%2B493012345678");
  await expect(page.getByText("Your wallet owes money after a dispute").first()).toBeVisible();
  await page.goto("/add-credit");
  await expect(page.getByText("You owe $0.10 after a disputed payment")).toBeVisible();
  await topUp.buy(10);
  await becomes("$9.90");
  await expect(figure(page, "Debt")).toHaveCount(0);
  await expect(historyRows(page).filter({ hasText: "Dispute" })).toContainText("Taken back");
  const paid = historyRows(page).filter({ hasText: "Top-up" }).first();
  await paid.locator("summary").first().click();
  await expect(paid.getByText("Paid toward your debt").first()).toBeVisible();
});
