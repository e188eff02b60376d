/** The fields of a location in the groups in which an admin thinks of them. Names are the number engine's. */
import type { Key } from "@core/i18n/translate";

export interface LocationField {
  key: string;
  kind: "text" | "number" | "switch" | "list" | "choice" | "json";
  /** For choices: values with the key of their words. */
  choices?: readonly { value: string | number; label: Key }[];
  wide?: boolean;
}

const text = (key: string): LocationField => ({ key, kind: "text" });
const flag = (key: string): LocationField => ({ key, kind: "switch" });
const list = (key: string): LocationField => ({ key, kind: "list" });
const number = (key: string): LocationField => ({ key, kind: "number" });
const json = (key: string): LocationField => ({ key, kind: "json", wide: true });

export const BASE: readonly LocationField[] = [
  text("name"), text("country"), text("area_code"), text("language"), text("timezone"), flag("always_dial_area_code"), flag("mobile"), flag("vanity"),
  {
    key: "dial_format", kind: "choice", wide: true,
    choices: [
      { value: 0, label: "location.dial_format.0" }, { value: 1, label: "location.dial_format.1" },
      { value: 2, label: "location.dial_format.2" }, { value: 3, label: "location.dial_format.3" },
    ],
  },
];

export const PBX: readonly LocationField[] = [
  flag("uses_pbx"), text("trunk"), list("ranges"), number("internal_min"), number("internal_max"),
  text("outside_local"), text("outside_national"), text("outside_international"), text("outside_private"), text("outside_forwarding"),
  list("strip_incoming"), list("strip_outgoing"), list("strip_forwarding"), list("strip_connected_in"), list("strip_connected_out"),
  { key: "connected_id", kind: "choice", choices: [{ value: "normal", label: "location.connected_id.normal" }, { value: "ignore", label: "location.connected_id.ignore" }] },
  list("call_by_call"),
];

export const RULE_LISTS = ["internal_rules", "external_rules", "in_rules", "out_rules", "dial_rules", "final_dial_rules", "line_rules"] as const;

export const SITES: readonly LocationField[] = [flag("multi_location"), flag("auto_create_rules"), flag("search_other_sites"), flag("shorten_other_sites")];

export const MORE: readonly LocationField[] = [
  text("local_prefix"), text("national_prefix"), text("international_prefix"), text("local_dialling_rule"), text("national_dialling_rule"), text("international_dialling_rule"),
  list("vanity_prefixes"), flag("lcr"), flag("softphone_emergency"), flag("softphone_emergency_warning"), flag("foreign_pna"),
  list("home_pna_local"), list("home_pna_toll"),
  json("lcr_providers"), json("lcr_zones"), json("project_pins"), json("softphone_emergencies"), json("foreign_pna_local"),
];

export const BLANK = { id: "", etag: "", name: "", country: "IT", uses_pbx: true, internal_min: 2, internal_max: 4 };
