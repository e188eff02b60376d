import { fromBase64, hexDump, readable, textOf } from "@core/bytes";
import { expect, it } from "vitest";

it("reads what JSON carries", () => {
  expect([...fromBase64("AP8NCg==")]).toEqual([0, 255, 13, 10]);
  expect(textOf(fromBase64("RXZlbnQ6IEhvbGQNCg=="))).toBe("Event: Hold\n");
});

it("shows what cannot be read as dots", () => expect(readable("a\u0000b\ufffdc\n\td")).toBe("a·b·c\n\td"));

it("writes bytes in lines of sixteen", () => {
  const dump = hexDump(Uint8Array.from({ length: 18 }, (_, index) => 0x3c + index)).split("\n");
  expect(dump).toEqual([
    "0000  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK",
    `0010  4c 4d${" ".repeat(42)}  LM`,
  ]);
  expect(hexDump(new Uint8Array())).toBe("");
});
