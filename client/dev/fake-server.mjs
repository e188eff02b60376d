// Serves the built client with invented data, for looking at pages without a server: node dev/fake-server.mjs PORT SCENE (idle, ringing, unknown, talking, consulting, signed-out).
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const [port = "8090", firstScene = "idle"] = process.argv.slice(2);
let scene = firstScene;
const root = join(fileURLToPath(new URL(".", import.meta.url)), "../../src/unisono/web/client");
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html", ".webmanifest": "application/manifest+json" };
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

const NAMES = ["Anna Weber", "Ben Schmitt", "Carla Rossi", "Davide Moro", "Elena Furlan", "Franz Huber", "Giulia Zanin", "Hans Maier", "Irene Conti", "Jonas Vogel", "Katia Bassi", "Luca Tonello", "Marta Del Fabbro", "Nico Braun", "Olga Pittini", "Paolo Venier", "Rita Keller", "Sara Dorigo", "Tom Fischer", "Ugo Candotti"];
const DEPARTMENTS = ["Sales", "Service", "Administration", "Warehouse"];
const STATES = ["available", "busy", "away", "dnd", "offline"];
const people = Object.fromEntries(NAMES.map((name, i) => {
  const [given, ...family] = name.split(" ");
  return [`u${i}`, { id: `u${i}`, name, given_name: given, family_name: family.join(" "), title: i % 3 ? "" : "Team lead", department: DEPARTMENTS[i % 4], mail: `${given.toLowerCase()}@example.com`, number: String(101 + i), mobile: i % 2 ? undefined : `+39 347 55501${10 + i}`, location: "udine", group_ids: ["g1"], initials: given[0] + family[0][0], rights: ["see-presence", "pick-up", "set-presence"] }];
}));
const presence = Object.fromEntries(NAMES.map((_, i) => {
  const busy = i === 1 || i === 7, ringing = i === 4, state = ringing ? "available" : busy ? "busy" : STATES[(i * 7) % 5];
  return [`u${i}`, { state, reason: busy ? "call" : ringing ? "ringing" : state === "away" ? "manual" : state === "offline" ? "signed-out" : "none", since: ago(i * 97 + 60), until: state === "away" ? ago(-5400) : null, note: state === "away" ? "Lunch" : "", activity: busy ? "on-the-phone" : ringing ? "ringing" : "none", with: i === 1 ? "Rossi & C." : ringing ? "Officine Friulane" : "", settable: i % 2 === 0 }];
}));
const party = (number, display, name = "", company = "", more = {}) => ({ number, display, canonical: number, name, company, contact_id: name ? "c1" : null, user_id: null, country: number.startsWith("+39") ? "IT" : number.startsWith("+44") ? "GB" : "", restricted: false, kind: "external", reason: "", alternatives: 0, ...more });
const status = { in_service: true, do_not_disturb: false, forwarding: [], messages_waiting: 1 };
const lines = { l0: { id: "l0", number: "101", name: "Anna Weber", user_ids: ["u0"], device_status: status, services: ["makeCall", "setDoNotDisturb", "setForwarding"], own: true }, l4: { id: "l4", number: "105", name: "Elena Furlan", user_ids: ["u4"], device_status: status, services: [], own: false } };
const call = (id, state, remote, more = {}) => ({ id: `${id}:l0`, call_id: id, line_id: "l0", tracker: id, direction: "inbound", state, remote, called: party("101", "101", "Anna Weber"), redirecting: null, queue: "", started: ago(95), rang: ago(95), answered: ["offering", "ringback"].includes(state) ? null : ago(83), ended: null, since: ago(83), services: [], consultation: false, parties: [], result: null, cause: "normal", note: "", subject: "", data: {}, journal_id: null, ...more });
const ROSSI = party("+390432555014", "+39 0432 555014", "Mario Rossi", "Rossi & C. S.r.l.", { alternatives: 2 });
const TALK = ["clearConnection", "holdCall", "consultationCall", "singleStepTransferCall", "generateDigits", "parkCall"];
const SCENES = {
  idle: [],
  ringing: [call("k1", "offering", ROSSI, { started: ago(6), rang: ago(6), since: ago(6), queue: "Sales", redirecting: party("102", "102", "Ben Schmitt"), services: ["answerCall", "clearConnection", "deflectCall"] }), call("k2", "offering", party("+441632960123", "+44 1632 960123"), { started: ago(2), rang: ago(2), since: ago(2), services: ["answerCall", "clearConnection"] })],
  unknown: [call("k2", "offering", party("+441632960123", "+44 1632 960123"), { started: ago(2), rang: ago(2), since: ago(2), services: ["answerCall", "clearConnection", "deflectCall"] })],
  talking: [call("k1", "connected", ROSSI, { services: TALK, queue: "Sales" })],
  consulting: [call("k1", "hold", ROSSI, { services: ["retrieveCall", "clearConnection"], since: ago(30) }), call("k3", "connected", party("103", "103", "Carla Rossi", "", { contact_id: null, user_id: "u2", kind: "extension" }), { direction: "internal", consultation: true, since: ago(21), answered: ago(21), services: [...TALK, "transferCall", "conferenceCall", "alternateCall", "reconnectCall"] })],
};
const calls = () => ({ ...Object.fromEntries(SCENES[scene].map((c) => [c.id, c])), "p1:l4": { ...call("p1", "offering", party("+390432555020", "+39 0432 555020", "Officine Friulane"), { services: ["directedPickupCall"], since: ago(4) }), id: "p1:l4", line_id: "l4" } });
const PARTIES = [ROSSI, party("+498955501234", "+49 89 55501234", "Petra Lang", "Lang Maschinenbau GmbH"), party("+441632960123", "+44 1632 960123"), party("+390432555031", "+39 0432 555031", "", "Latteria Carnica"), party("", "", "", "", { restricted: true }), party("104", "104", "Davide Moro", "", { user_id: "u3", contact_id: null })];
const OUTCOMES = ["answered", "missed", "answered", "answered", "voicemail", "missed", "busy", "answered-elsewhere"];
const entries = Array.from({ length: 400 }, (_, i) => {
  const outcome = OUTCOMES[i % 8], answered = outcome === "answered", remote = PARTIES[i % 6];
  return { id: `j${i}`, call_id: `jc${i}`, tracker: i === 3 ? "t2" : i === 2 ? "t2" : `t${i}x`, line_id: "l0", line_number: "101", user_id: i % 5 ? "u0" : "u1", direction: i % 3 === 2 && outcome !== "missed" ? "outbound" : "inbound", internal: remote.user_id !== null, remote, called: null, redirecting: null, queue: i % 4 ? "" : "Sales", started: ago(900 + i * 4100), answered: answered ? ago(890 + i * 4100) : null, ended: ago(700 + i * 4100), duration: 190 + i, talk: answered ? 175 + i * 3 : 0, outcome, open: outcome === "missed" && i < 12, done_by: outcome === "missed" && i >= 12 ? "Anna Weber" : null, done_at: null, answered_by: outcome === "answered-elsewhere" ? "Ben Schmitt" : null, subject: i === 0 ? "Offer 2231" : "", note: i % 7 === 0 ? "Wants the new price list by Friday" : "", private: false, project: "", mine: i % 5 !== 0 };
});
const me = { id: "u0", login: "anna", name: "Anna Weber", mail: "anna@example.com", admin: true, locale: process.env.LOCALE_ || "en", group_ids: ["g1"], line_ids: ["l0"], location_id: "udine", favourites: ["u1", "u2", "u4", "u7", "u9"], settings: { theme: process.env.THEME || "light", density: process.env.DENSITY || "tiles", favourite_groups: [{ name: "Munich", ids: ["u7", "u9"] }] } };
const links = { demo: { id: "demo", name: "Demo PBX", kind: "csta", phase: "up", code: "", message: "", remedy: "", peer: "127.0.0.1:9081", version: "CSTA ed5", lines: 24, since: ago(7200) } };
const state = () => ({ me: { me }, people, presence, lines, calls: calls(), links, counts: { journal: { missed_open: 3 } }, journal: Object.fromEntries(entries.slice(0, 50).map((e) => [e.id, e])) });
const contact = { id: "c1", book: "Customers", display_name: "Mario Rossi", first_name: "Mario", last_name: "Rossi", company: "Rossi & C. S.r.l.", job_title: "Purchasing", department: "", numbers: [{ kind: "business", raw: "0432 555014", canonical: "+390432555014", display: "+39 0432 555014" }, { kind: "mobile", raw: "", canonical: "+393475550114", display: "+39 347 5550114" }], emails: ["mario.rossi@example.com"], addresses: [{ kind: "business", street: "Via Roma 12", postal_code: "33100", city: "Udine", state: "UD", country: "Italy" }], web: "example.com", note: "Prefers calls in the morning.", customer_id: "K-10442", direct_link: "https://crm.example.com/K-10442", custom: { Sector: "Metal" } };
const page = (items) => ({ items, next: null });
const hits = (q) => PARTIES.filter((p) => p.name.toLowerCase().includes(q) || p.company.toLowerCase().includes(q)).map((p, i) => ({ kind: p.user_id ? "person" : "contact", id: p.user_id ?? `c${i + 1}`, title: p.name || p.company, subtitle: p.name ? p.company : "", numbers: [{ kind: "business", canonical: p.number, display: p.display }], reason: "name", score: 1 }));
const location = { id: "udine", name: "Udine", country: "IT", language: "it", timezone: "Europe/Rome", area_code: "0432", trunk: "5550", ranges: ["100-499"], internal_min: 3, internal_max: 3, uses_pbx: true, outside_local: "0", outside_national: "0", outside_international: "0", strip_incoming: ["0"], in_rules: [{ search: "^00(.*)", replace: "+\\1", match_replace: false, auto_created: false, for_location: "" }], dial_rules: [] };
const schema = { $ref: "#/$defs/S", $defs: { S: { type: "object", required: ["host"], properties: { host: { type: "string", description: "Name or address of the PBX." }, port: { type: "integer", description: "TCP port.", default: 1040, minimum: 1, maximum: 65535 }, edition: { enum: ["ed3", "ed4", "ed5"], default: "ed5", description: "Edition of CSTA." }, tls: { type: "boolean", default: false, description: "Encrypt the link." }, password: { type: "string", format: "password", description: "Password of the application." }, devices: { type: "array", items: { type: "string" }, description: "Devices to monitor; empty: all." } } } } };
const routes = [
  [/^GET \/session/, () => ({ user: me, csrf: "x", expires: ago(-9e4) })], [/^POST \/session/, () => ({ user: me, csrf: "x", expires: ago(-9e4) })],
  [/^GET \/journal\/history/, () => page(entries.filter((e) => e.remote.name === "Mario Rossi").slice(0, 6))],
  [/^GET \/journal/, (u) => { const from = Number(u.searchParams.get("after") ?? 0); const f = (u.searchParams.get("filter") ?? "").includes("missed"); const all = f ? entries.filter((e) => e.outcome === "missed") : entries; return { items: all.slice(from, from + 60), next: from + 60 < all.length ? String(from + 60) : null }; }],
  [/^GET \/search/, (u) => page(hits((u.searchParams.get("q") ?? "").toLowerCase()))], [/^GET \/contacts\//, () => contact],
  [/^GET \/identify/, () => ({ party: ROSSI, hits: hits("rossi") })], [/^GET \/me\/tokens/, () => page([{ id: "t", name: "CRM", scopes: ["calls"], created: ago(9e5), expires: ago(-9e5), last_used: null }])],
  [/^GET \/me\/grants/, () => page([{ user_id: "u1", level: "team", granted_to_me: "team" }])], [/^PATCH \/me/, (_u, b) => { Object.assign(me, b, { settings: { ...me.settings, ...b.settings } }); return me; }],
  [/^POST \/calls\//, () => null, 409], [/^GET \/admin\/people/, () => page(Object.values(people).map((p, i) => ({ ...p, title: p.title || "", department: p.department, mobile: "", login: p.given_name.toLowerCase(), location_id: "udine", locale: "it", admin: i === 0, active: i !== 5, line_ids: [`l${i}`] })))],
  [/^GET \/admin\/groups/, () => page([{ id: "g1", name: "Sales", member_ids: Object.keys(people).slice(0, 8), leader_ids: ["u0"] }, { id: "g2", name: "Service", member_ids: ["u1"], leader_ids: [] }])],
  [/^GET \/admin\/lines/, () => page(NAMES.map((name, i) => ({ id: `l${i}`, connector: "demo", device: String(101 + i), number: String(101 + i), name, location_id: "udine", kind: i === 19 ? "queue" : "extension", journal: true, private: i === 8, user_ids: i === 12 ? [] : [`u${i}`] })))],
  [/^GET \/admin\/locations/, () => page([location, { ...location, id: "muc", name: "Munich", country: "DE", area_code: "89" }])], [/^GET \/locations/, () => page([location])],
  [/^POST \/admin\/locations\/explain/, (_u, b) => ({ input: b.number, result: "+390432555014", canonical: "+390432555014", kind: "external", dialled: "0555014", problem: null, formats: { 0: "+390432555014", 2: "+39 0432 555014", 5: "+39 0432 555014" }, stages: [{ name: "clean", before: b.number, after: "0432555014", rule: null, hit: true, note: "" }, { name: "in-rules", before: "0432555014", after: "0432555014", rule: null, hit: false, note: "" }, { name: "strip-outside", before: "00432555014", after: "0432555014", rule: "0", hit: true, note: "an outside digit: external" }, { name: "supercanonical", before: "0432555014", after: "+390432555014", rule: null, hit: true, note: "" }] })],
  [/^GET \/admin\/connectors\/kinds/, () => page([{ key: "csta", name: "CSTA III XML", description: "Any PBX that speaks ECMA-323.", versions: ["ECMA-323 ed5"], capabilities: ["makeCall"], settings: schema }, { key: "asterisk", name: "Asterisk", description: "Asterisk and FreePBX by the manager interface.", versions: ["18", "20"], capabilities: ["makeCall"], settings: schema }])],
  [/^POST \/admin\/connectors\/test/, () => ({ ok: false, peer: "127.0.0.1", version: "", lines: 0, steps: [{ name: "connect", ok: true, message: "Connected to 127.0.0.1:9081", remedy: "" }, { name: "sign-in", ok: false, message: "The PBX refused the password.", remedy: "Check the password of the application on the PBX." }, { name: "lines", ok: null, message: "", remedy: "" }] })],
  [/^GET \/admin\/connectors/, () => page([{ id: "demo", name: "Demo PBX", kind: "csta", enabled: true, location_id: "udine", settings: { host: "127.0.0.1", port: 9081, edition: "ed5", password: "" }, link: links.demo }, { id: "muc", name: "Munich", kind: "asterisk", enabled: true, location_id: "muc", settings: { host: "10.1.0.5" }, link: { ...links.demo, id: "muc", name: "Munich", kind: "asterisk", phase: "refused", message: "The PBX refused user unisono.", remedy: "Check name and secret in manager.conf.", lines: 0 } }])],
  [/^GET \/admin\/status/, () => ({ version: "0.1.0", started: ago(86400), checks: [{ id: "db", level: "ok", title: "Database", message: "SQLite, 12 MB", remedy: "" }, { id: "munich", level: "error", title: "Munich", message: "The PBX refused user unisono.", remedy: "Check name and secret in manager.conf." }, { id: "backup", level: "warning", title: "Backup", message: "Never made.", remedy: "Run unisono backup." }], counts: { people: 20, lines: 24, contacts: 2000, calls: 3, journal: 18233 } })],
  [/^POST \/admin\/contacts\/import\/preview/, () => ({ columns: ["Nome", "Cognome", "Ditta", "Telefono", "Cellulare"], mapping: { Nome: "first_name", Cognome: "last_name", Ditta: "company", Telefono: "phone_business", Cellulare: "" }, rows: [["Mario", "Rossi", "Rossi & C.", "0432 555014", "347 555 0114"], ["Petra", "Lang", "Lang GmbH", "089/5550 1234", ""]], encoding: "windows-1252", delimiter: ";", problems: [{ line: 17, reason: "no name and no number" }], fields: ["first_name", "last_name", "company", "phone_business", "phone_mobile"].map((key) => ({ key, title: key })) })],
  [/^POST \/admin\/contacts\/import/, () => ({ job: "1" })], [/^GET \/admin\/jobs/, () => ({ id: "1", state: "done", done: 2000, total: 2000, imported: 1994, bad: [{ line: 17, reason: "no name and no number" }, { line: 803, reason: "the number has two numbers" }], message: "" })],
  [/^POST \/scene/, (u) => { scene = u.searchParams.get("is"); for (const c of wss.clients) c.send(JSON.stringify({ type: "snapshot", epoch: "e1", seq: Date.now(), state: state() })); return {}; }],
];
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  if (!url.pathname.startsWith("/api/v1")) {
    const path = join(root, url.pathname), file = extname(url.pathname) && existsSync(path) ? path : join(root, "index.html");
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain" });
    return void response.end(readFileSync(file));
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const key = `${request.method} ${url.pathname.slice(7)}`, found = routes.find(([pattern]) => pattern.test(key));
    let body = {};
    try { body = JSON.parse(Buffer.concat(chunks).toString() || "{}"); } catch { /* a form */ }
    if (key === "GET /session" && scene === "signed-out") return void response.writeHead(401, { "Content-Type": "application/json" }).end('{"code":"not-signed-in"}');
    response.writeHead(found?.[2] ?? (found || request.method !== "GET" ? 200 : 404), { "Content-Type": "application/json" });
    response.end(JSON.stringify(found?.[2] ? { code: "not-now", detail: "Not now", status: 409, culprit: "peer", retry: "later" } : found ? found[1](url, body) : {}));
  });
});
const wss = new WebSocketServer({ server, path: "/api/v1/stream" });
wss.on("connection", (socket) => socket.on("message", (data) => JSON.parse(data).type === "hello" && socket.send(JSON.stringify({ type: "snapshot", epoch: "e1", seq: 1, state: state() }))));
server.listen(Number(port), "127.0.0.1");
