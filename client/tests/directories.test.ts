import { doorIs, filled, freshId, suffixOf } from "@core/admin/ldap";
import { networkFault, splitNetworks } from "@core/admin/networks";
import { MAKES } from "@core/admin/phones";
import { fleetValues } from "@core/admin/fleets";
import { expect, it } from "vitest";

it.each([
  "10.0.0.0/8", "192.168.1.17", "0.0.0.0/0", "::1", "::", "fe80::/10", "2001:db8::1/128", "2001:db8:0:0:0:0:0:1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7::",
])("takes %s as a network", (text) => expect(networkFault(text)).toBeNull());

it.each([
  ["", "empty"], ["10.0.0", "address"], ["10.0.0.256", "address"], ["010.0.0.1", "address"], ["10.0.0.0/33", "bits"], ["10.0.0.0/", "bits"], ["10.0.0.0/8/8", "address"],
  ["fe80::/129", "bits"], ["1::2::3", "address"], ["1:2:3", "address"], ["12345::", "address"], ["office", "address"], ["1:2:3:4:5:6:7:8::", "address"], ["::1.2.3", "address"],
])("says what is wrong with %j", (text, fault) => expect(networkFault(text)).toBe(fault));

it("cuts pasted networks apart", () => expect(splitNetworks(" 10.0.0.0/8, ::1;192.0.2.1\nfe80::/10 ")).toEqual(["10.0.0.0/8", "::1", "192.0.2.1", "fe80::/10"]));

it("tells a door that hangs from one that is switched off", () => {
  const worker = { number: 0, pid: 4711, answers: true, connections: 1, searches: 2, contacts: 3 };
  const stuck = { ...worker, answers: false };
  const door = { running: true, local_only: false, workers: [stuck, worker] };
  expect(doorIs(door)).toBe("on");
  expect(doorIs({ ...door, local_only: true })).toBe("local");
  expect([[stuck], []].map((workers) => doorIs({ ...door, local_only: true, workers }))).toEqual(["silent", "silent"]);
  expect(doorIs({ ...door, running: false, workers: [] })).toBe("off");
});

it("makes ids of any name", () => {
  expect(freshId("Türsprechstelle, Büro 2", new Set())).toBe("tursprechstelle-buro-2");
  expect(freshId("Door", new Set(["door"]), () => 0)).toBe("door-0000");
  expect(freshId("电话", new Set(), () => 0.99999)).toMatch(/^[a-z0-9][a-z0-9_-]{0,63}$/);
  expect(freshId("x".repeat(300), new Set())).toMatch(/^[a-z0-9][a-z0-9_-]{0,63}$/);
});

it("writes names that a distinguished name can hold", () => expect(suffixOf(" Sales, EMEA ")).toBe("ou=sales\\, emea,dc=meta"));

it("fills in what a telephone would send", () => {
  expect(filled("(&(telephoneNumber=*)(sn=%*))", "ros", "0432")).toBe("(&(telephoneNumber=*)(sn=ros*))");
  expect(filled("(|(telephoneNumber=%*)(Mobile=%*))", "ros", "0432")).toBe("(|(telephoneNumber=0432*)(Mobile=0432*))");
  expect(filled("(metaSearchNumber=+%)", "ros", "390432")).toBe("(metaSearchNumber=+390432)");
  expect(filled("(cn=*%*)", "a*(b)", "")).toBe("(cn=*a\\2a\\28b\\29*)");
});

it("gives every make the place to ask and who asks", () => {
  for (const make of MAKES) {
    const values = make.values({ server: "pbx.example.com", port: 714, tls: true, base: "ou=x,dc=meta", user: "door" }).map(({ value }) => value);
    expect(values.join(" "), make.id).toContain("pbx.example.com");
    expect(values.join(" "), make.id).toContain("714");
    expect(values, make.id).toContain("ou=x,dc=meta");
    expect(values, make.id).toContain("door");
  }
});

it("gives every make of a fleet its address, with the key where it stands", () => {
  for (const make of ["yealink", "snom", "cisco", "grandstream", "fanvil", "other"] as const) {
    const inHeader = fleetValues(make, "https://pbx.example.com", "/phonebooks/desks", "s3cret", false);
    expect(inHeader.map(({ value }) => value).join(" "), make).toContain("pbx.example.com/phonebooks/desks");
    expect(inHeader.map(({ value }) => value).join(" "), make).not.toContain("/key/");
    expect(fleetValues(make, "https://pbx.example.com", "/phonebooks/desks", "s3cret", true).map(({ value }) => value).join(" "), make).toContain("/phonebooks/desks/key/s3cret");
  }
});
