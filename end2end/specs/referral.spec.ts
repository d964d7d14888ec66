import { Customer } from "../fixtures/customer.ts";
import { expect, test } from "../fixtures/test.ts";

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
