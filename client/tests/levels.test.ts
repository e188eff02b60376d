import { above, LEVELS } from "@core/levels";
import { expect, it } from "vitest";

it("orders levels from the lowest to the highest", () => {
  expect(LEVELS.filter((level) => above(level, "business"))).toEqual(["team", "personal"]);
  expect(above("business", "business")).toBe(false);
});
