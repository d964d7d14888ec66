import type { Sandbox } from "../fixtures/sandbox.ts";
import { expect, test } from "../fixtures/test.ts";

interface Placed {
  wallet: string;
}

/** The wallet that placed this call, as the switch was told. */
async function walletOf(sandbox: Sandbox, callId: string): Promise<string> {
  let found: Placed[] = [];
  await expect
    .poll(async () => {
      found = (await sandbox.read(`switch/calls?call_id=${callId}`)) as Placed[];
      return found.length;
    })
    .toBe(1);
  return found[0]?.wallet ?? "";
}

test("a message is delivered, waits for credit, and a blocked sender stays away", async ({
  customer,
  page,
  sandbox,
  topUp,
}) => {
  await customer.page.goto("/messages");
  await expect(page.getByText("No message has come yet")).toBeVisible();
  await topUp.buy(10);
  await page.goto("/call");
  await page.getByRole("textbox", { name: "Phone number" }).fill("+49 30 12345678");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await expect(page).toHaveURL(/\?call=/);
  const callId = new URL(page.url()).searchParams.get("call") ?? "";
  const wallet = await walletOf(sandbox, callId);
  await sandbox.control("switch/hangup", { call_id: callId });

  const send = (from: string, body: string, segments = 1) =>
    sandbox.control("switch/message", { wallet, from, to: "+12125550123", body, segments });
  await send("ACME", "Your parcel is here.");
  // The cap of a day is a dollar: what comes beyond it waits.
  for (let count = 0; count < 9; count += 1) {
    await send("+525512345678", "long", 10);
  }
  await send("+525512345678", "The last words of the day", 10);
  await page.goto("/messages");
  await expect(page.getByText("Your parcel is here.")).toBeVisible();
  await expect(page.getByText("Waiting for credit")).toBeVisible();
  await expect(page.getByText("The last words of the day")).toBeHidden();

  await page.getByRole("button", { name: "Block ACME" }).first().click();
  await expect(page.getByRole("button", { name: "Let ACME in again" })).toBeVisible();
  await send("ACME", "Another parcel");
  await page.goto("/messages");
  await expect(page.getByText("1 message kept away")).toBeVisible();
  await expect(page.getByText("Another parcel")).toHaveCount(0);
});
