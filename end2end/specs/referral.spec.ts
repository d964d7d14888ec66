import type { Page } from "@playwright/test";
import { Checkout, cards } from "../fixtures/checkout.ts";
import { Customer } from "../fixtures/customer.ts";
import { daysLater } from "../fixtures/past.ts";
import { Stripe } from "../fixtures/stripe.ts";
import { Switch } from "../fixtures/switch.ts";
import { expect, test } from "../fixtures/test.ts";
import { historyRows, TopUp } from "../fixtures/top-up.ts";

test("a friend accepts an invitation, and both see how far it is", async ({
  customer,
  page,
  sandbox,
  elsewhere,
}) => {
  await page.goto("/referral");
  const own = page.getByRole("region", { name: "Your code" });
  await expect(own.getByRole("img", { name: "QR code of your link" })).toBeVisible();
  const code = (await own.getByRole("definition").first().innerText()).trim();
  await expect(page.getByText("Nobody has entered your code yet.")).toBeVisible();

  const friendsPage = await elsewhere.newPage();
  const friend = new Customer(friendsPage, sandbox);
  await friend.signIn();
  await friendsPage.goto(`/referral?code=${code}`);
  await expect(friendsPage.getByRole("textbox", { name: "Invitation code" })).toHaveValue(code);
  await friendsPage.getByRole("button", { name: "Accept invitation" }).click();
  await expect(friendsPage.getByText("You accepted a friend's invitation.")).toBeVisible();

  await page.reload();
  const friends = page.getByRole("region", { name: "Friends" });
  await expect(friends.getByText("Friend 1")).toBeVisible();
  await expect(friends.getByText("Missing: First top-up of at least $10.00")).toBeVisible();
  await expect(friends).not.toContainText(friend.email);
  await expect(friends).not.toContainText(customer.email);
});

test("one's own code is refused in words", async ({ customer, page, complaints }) => {
  complaints.allow(/status of 422/);
  await customer.page.goto("/referral");
  const own = page.getByRole("region", { name: "Your code" });
  const code = (await own.getByRole("definition").first().innerText()).trim();
  await page.getByRole("textbox", { name: "Invitation code" }).fill(code.toLowerCase());
  await page.getByRole("button", { name: "Accept invitation" }).click();
  await expect(page.getByRole("alert")).toContainText("This is your own code.");
});

/** Both see the same of an invitation. */
async function bothRead(inviter: Page, friend: Page, words: RegExp): Promise<void> {
  for (const [page, region] of [
    [inviter, "Friends"],
    [friend, "Were you invited"],
  ] as const) {
    await expect(async () => {
      await page.goto("/referral");
      const section = page.getByRole("region", { name: region });
      await expect(section).toContainText(words, { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
  }
}

/** The row of the reward in the history of either. */
function reward(page: Page) {
  return historyRows(page).filter({ hasText: /accepted (your|a friend's) invitation/ });
}

// A card is one person's, and this one's only: the journey is walked once.
test("both follow an invitation to its reward, and a dispute takes both rewards back @javascript", async ({
  customer,
  page,
  sandbox,
  elsewhere,
  request,
}) => {
  test.slow();
  await customer.page.goto("/referral");
  const own = page.getByRole("region", { name: "Your code" });
  const code = (await own.getByRole("definition").first().innerText()).trim();
  const friendsPage = await elsewhere.newPage();
  const friend = new Customer(friendsPage, sandbox);
  await friend.signIn();
  await friendsPage.goto(`/referral?code=${code}`);
  await friendsPage.getByRole("button", { name: "Accept invitation" }).click();
  await bothRead(page, friendsPage, /Missing: First top-up of at least \$10\.00/);

  const checkout = new Checkout(friendsPage);
  const topUp = new TopUp(friendsPage, checkout, true);
  await topUp.choosePack(25);
  await topUp.continue();
  await checkout.pay(cards.ofOnePerson);
  await topUp.isAdded("$25.00");
  await bothRead(page, friendsPage, /Done: First top-up.*Missing: \$2\.00 of it used/);

  const { charge, wallet } = await new Stripe(request, friend.email).payment();
  await new Switch(request).talk(wallet, "50251234567", 1_800);
  await bothRead(page, friendsPage, /Done: \$2\.00 of it used.*The reward comes on/);

  await daysLater(8, wallet);
  await bothRead(page, friendsPage, /Rewarded.*\$5\.00 was given to both/);
  for (const one of [page, friendsPage]) {
    await one.goto("/wallet");
    await expect(reward(one)).toContainText("$5.00");
  }

  await sandbox.control(`charges/${charge}/dispute`, { kind: "chargeback" });
  await bothRead(page, friendsPage, /Taken back.*taken back from both/);
  for (const one of [page, friendsPage]) {
    await one.goto("/wallet");
    await reward(one).locator("summary").first().click();
    await expect(reward(one).getByText("taken back")).toBeVisible();
  }
});
