/** What is typed into devices of a fleet, which ask for phone books over HTTP: under the names of their own pages. Pure. */
import type { Make } from "../api/types";
import type { PhoneValue } from "./phones";

export const FLEET_MAKES: readonly { id: Make; name: string; where: string }[] = [
  { id: "yealink", name: "Yealink", where: "Directory → Remote Phone Book" },
  { id: "snom", name: "snom", where: "Function Keys → Action URL" },
  { id: "cisco", name: "Cisco", where: "Voice → Phone → XML Service" },
  { id: "grandstream", name: "Grandstream", where: "Phonebook → Phonebook Management" },
  { id: "fanvil", name: "Fanvil", where: "Phone book → Cloud phonebook" },
  { id: "other", name: "", where: "" },
];

const text = (setting: string, value: string): PhoneValue => ({ setting, value });

/** `server`: the address of the web door; `path`: where the fleet's documents are; `key`: empty if it is not known any more. */
export function fleetValues(make: Make, server: string, path: string, key: string, inPath: boolean): PhoneValue[] {
  const base = `${server}${path}${inPath ? `/key/${key || "<key>"}` : ""}`;
  const secret: PhoneValue[] = inPath ? [] : [text("User name", "unisono"), key ? text("Password", key) : { setting: "Password", value: "", kind: "password" }];
  switch (make) {
    case "yealink":
      return [text("Remote URL", `${base}/menu.xml`), text("remote_phonebook.data.1.url", `${base}/search.xml?q=#SEARCH`), text("Display Name", "Unisono"), ...secret];
    case "snom":
      return [text("Action URL", `${base}/menu.xml`), ...secret];
    case "cisco":
      return [text("XML Directory Service URL", `${base}/menu.xml`), text("XML Directory Service Name", "Unisono"), ...secret];
    case "grandstream":
      return [
        { setting: "Enable Phonebook XML Download", value: server.startsWith("https:") ? "HTTPS" : "HTTP", kind: "choice" },
        text("Phonebook XML Server Path", base.replace(/^https?:\/\//, "")), ...secret,
      ];
    case "fanvil":
      return [text("Phonebook URL", `${base}/phonebook.xml`), ...secret];
    case "other":
      return [
        text("Search (JSON)", `${base}/search?q=`), text("Look-up (JSON)", `${base}/lookup?number=`), text("vCard", `${base}/contacts.vcf?version=4.0`),
        ...(inPath ? [] : [key ? text("Authorization", `Bearer ${key}`) : ({ setting: "Authorization", value: "", kind: "password" } as const)]),
      ];
  }
}
