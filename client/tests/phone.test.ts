import { dialFromAddress, isDtmf, isEmergency, looksLikeNumber, looksLikeWord, unwrapLink } from "@core/phone/dialtext";
import { describe, expect, it } from "vitest";

describe("unwrapLink", () => {
  it.each([
    ["tel:+39-0432-555014", "+39-0432-555014"],
    ["TEL:+390432555014;phone-context=example.com", "+390432555014"],
    ["tel:0432555014;ext=12", "0432555014 ext. 12"],
    ["tel:%2B390432555014", "+390432555014"],
    ["callto://+390432555014", "+390432555014"],
    ["sip:101@pbx.example.com;transport=tcp", "101"],
    ["  0432 555014 ", "0432 555014"],
    ["tel:100%", "100%"],
  ])("%s is %s", (text, number) => expect(unwrapLink(text)).toBe(number));
});

describe("looksLikeNumber", () => {
  it.each(["101", "+39 0432 555014", "0432/555014", "(0432) 55-50-14", "tel:112", "0432 555014 int. 12", "*21*103#", "0432\u202f555\u00a0014"])("%s is one", (text) =>
    expect(looksLikeNumber(text)).toBe(true));
  it.each(["", "1", "Rossi", "Rossi 2", "Via Roma 12", "a101", "++", "101@", "javascript:alert(1)", "javascript:0800alert", "sms:+390432123456", "fax:0432123456", "data:,101", "tel:Rossi2"])("%s is none", (text) => expect(looksLikeNumber(text)).toBe(false));
});

describe("looksLikeWord", () => {
  it.each(["0800-FLOWERS", "0800 reifen", "1-800-GO-FEDEX", "+800 FLOWERS", "0800 4MUSIC"])("%s is one", (text) => expect(looksLikeWord(text)).toBe(true));
  it.each(["", "0800", "0800 123456", "101a", "Rossi", "Rossi 2", "12 Rossi", "javascript:0800alert", "0800 flowers@mail", "0432 555014 int. 12"])("%s is none", (text) => expect(looksLikeWord(text)).toBe(false));
});

describe("dialFromAddress", () => {
  it.each([
    ["?dial=tel%3A%2B390432555014", "+390432555014"],
    ["?dial=tel:+390432555014", "+390432555014"],
    ["?dial=101", "101"],
    ["?dial=", null],
    ["?q=tel:101", null],
    ["", null],
  ])("%s dials %s", (search, number) => expect(dialFromAddress(search)).toBe(number));
});

it("knows DTMF", () => {
  expect(isDtmf("0123456789*#")).toBe(true);
  expect(isDtmf("+39")).toBe(false);
  expect(isDtmf("")).toBe(false);
});

it("knows the numbers that nobody should dial by a slip of the finger", () => {
  expect(["112", "0112", "tel:112", "1 1 2", "110"].every(isEmergency)).toBe(true);
  expect(["101", "1120", "+39112", "0432 112", "118a"].filter(isEmergency)).toEqual(["118a"]);
});
