import { above, LEVELS, scopesOf } from "@core/levels";
import { expect, it } from "vitest";

it("orders levels from the lowest to the highest", () => {
  expect(LEVELS.filter((level) => above(level, "business"))).toEqual(["team", "personal"]);
  expect(above("business", "business")).toBe(false);
});

it("offers nobody a token for what they may not do themselves", () => {
  expect(scopesOf(false)).toEqual(["all", "read", "calls"]);
  expect(scopesOf(true)).toContain("admin");
});
