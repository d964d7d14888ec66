import { expect, test } from "../fixtures/test.ts";

test("to a customer there is no desk", async ({ customer, page, complaints }) => {
  complaints.allow(/status of 404/);
  for (const path of ["/desk", "/desk/campaigns", "/desk/audit", "/desk/nothing"]) {
    const answer = await customer.page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("searchbox")).toHaveCount(0);
  }
});
