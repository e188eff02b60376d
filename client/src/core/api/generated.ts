/** What the server sends and takes. Made by `python -m client.generate`: do not edit. */

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Accepted {
  accepted: boolean;
  line_call_id: string | null;
}

export interface ActivityInput {
  idle: boolean;
}

export interface Address {
  kind: AddressKind;
  street: string;
  postal_code: string;
  city: string;
  state: string;
  country: string;
}

/** Which of a contact's postal addresses. */
export type AddressKind = "business" | "private" | "other";

export interface AdminConnector {
  id: string;
  name: string;
  kind: string;
  enabled: boolean;
  location_id: string;
  settings: Record<string, unknown>;
  link: null;
  etag: string;
}

export interface AdminGroup {
  id: string;
  name: string;
  member_ids: string[];
  leader_ids: string[];
  etag: string;
}

export interface AdminGroupInput {
  name: string;
  member_ids?: string[];
  leader_ids?: string[];
  id?: string;
  etag?: string;
}

export interface AdminLine {
  id: string;
  connector: string;
  device: string;
  number: string;
  name: string;
  location_id: string;
  kind: LineKind;
  journal: boolean;
  private: boolean;
  user_ids: string[];
  etag: string;
}

export interface AdminLineInput {
  connector: string;
  device: string;
  number?: string;
  name?: string;
  location_id?: string;
  kind?: LineKind;
  journal?: boolean;
  private?: boolean;
  user_ids?: string[];
  id?: string;
  etag?: string;
}

export interface AdminLinesInput {
  lines: AdminLineInput[];
}

export interface AdminPerson {
  id: string;
  login: string;
  name: string;
  given_name: string;
  family_name: string;
  mail: string;
  title: string;
  department: string;
  mobile: string;
  location_id: string;
  locale: string;
  admin: boolean;
  active: boolean;
  group_ids: string[];
  line_ids: string[];
  etag: string;
}

export interface AdminPersonInput {
  login: string;
  name?: string;
  given_name?: string;
  family_name?: string;
  mail?: string;
  title?: string;
  department?: string;
  mobile?: string;
  location_id?: string;
  locale?: "" | "en" | "it" | "de";
  admin?: boolean;
  active?: boolean;
  group_ids?: string[];
  line_ids?: string[];
  password?: string | null;
  id?: string;
  etag?: string;
}

export interface AnomalyExample {
  at: string;
  particulars: Record<string, string>;
  raw: string;
  size: number;
}

export interface AnomalyKind {
  why: calls_impossible_Why;
  event: string;
  count: number;
  first: string;
  last: string;
  examples: AnomalyExample[];
}

export interface BadRow {
  line: number;
  reason: string;
  code: string;
  data: Record<string, string | number>;
}

export interface BookDetail {
  id: string;
  name: string;
  contacts: number;
  bytes: number;
  source: BookSource | null;
  changed: string | null;
  own: boolean;
  waiting: boolean;
  etag: string;
}

export interface BookInput {
  name: string;
  id?: unknown;
  contacts?: unknown;
  bytes?: unknown;
  source?: unknown;
  changed?: unknown;
  own?: unknown;
  waiting?: unknown;
  etag?: unknown;
}

export interface BookRefInput {
  id: string;
  name?: string;
  contacts?: unknown;
}

export interface BookSource {
  id: string;
  name: string;
  kind: string;
}

export interface BookView {
  id: string;
  name: string;
  contacts: number;
}

export interface CallDataInput {
  line_id: string;
  note?: string | null;
  subject?: string | null;
  private?: boolean | null;
  data?: Record<string, string>;
}

export interface Change {
  key: string;
  name: string;
  old?: Record<string, string>;
  new?: Record<string, string>;
}

/** How bad it is. */
export type CheckLevel = "ok" | "warning" | "error";

export interface CheckView {
  peer: string;
  version: string;
  records: number | null;
  notes: BadRow[];
}

export interface Collections {
  me: Me;
  people: Person;
  presence: Presence;
  lines: Line;
  calls: LineCall;
  links: Link;
  counts: MissedCalls;
  journal: JournalEntry;
}

export interface ColumnView {
  name: string;
  samples: string[];
}

export interface CommandInput {
  line_id: string;
  held_call_id?: string;
  to?: string;
  digits?: string;
  own_line_id?: string;
}

export interface ConnectorInput {
  name: string;
  kind: string;
  settings: Record<string, unknown>;
  enabled?: boolean;
  location_id?: string;
  id?: unknown;
  link?: unknown;
  etag?: unknown;
}

export interface ConnectorKind {
  key: string;
  name: string;
  description: string;
  versions: string[];
  capabilities: string[];
  settings: Record<string, unknown>;
}

export interface ConnectorTest {
  ok: boolean;
  peer: string;
  version: string;
  lines: number;
  steps: TestStep[];
}

export interface Contact {
  id: string;
  book: string;
  display_name: string;
  first_name: string;
  last_name: string;
  company: string;
  job_title: string;
  department: string;
  office_room_number: string;
  numbers: NumberView[];
  emails: string[];
  sip_address: string;
  addresses: Address[];
  web: string;
  note: string;
  customer_id: string;
  direct_link: string;
  custom: Record<string, string>;
  origins: OriginView[];
  books?: Record<string, string>;
  editable: boolean;
  etag: string;
}

export interface ContactInput {
  display_name?: string;
  first_name?: string;
  last_name?: string;
  company?: string;
  job_title?: string;
  numbers?: NumberInput[];
  emails?: string[];
  note?: string;
}

export interface Counts {
  rows: number;
  total: number;
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
  failed: number;
  odd: number;
}

/** Who has to change something. */
export type Culprit = "peer" | "us" | "user";

/** What a line is set to. */
export interface DeviceState {
  in_service: boolean;
  do_not_disturb: boolean;
  forwarding: Forwarding[];
  messages_waiting: number;
}

export interface DialInput {
  to: string;
  line_id?: string;
  subject?: string;
}

/** From where a number comes to us. */
export type Direction = "in" | "out" | "stored";

export interface DiscoveredLine {
  connector: string;
  device: string;
  number: string;
  name: string;
  line_id: string;
  user_id: string;
  reason: ProposalReason | null;
}

export interface DndInput {
  on: boolean;
}

/** How a missed call was dealt with. */
export type DoneHow = "by-hand" | "called-back" | "called-again" | "answered-by-other";

export interface DoneInput {
  done?: boolean;
}

export interface DuplicateEffects {
  rules: RuleEffect[];
  looked_at: number;
  next: string | null;
}

export interface DuplicatesView {
  rules: RuleView[];
  pairs: PairView[];
}

export interface Effect {
  level: "blocked" | "public" | "business" | "team" | "personal";
  gained: boolean;
  viewers: number;
  owners: number;
  group_id: string;
}

export interface EntryInput {
  note?: string | null;
  subject?: string | null;
  private?: boolean | null;
  project?: string | null;
}

export interface ExplainInput {
  number: string;
  direction: Direction;
  location_id?: string;
  origin?: Origin | null;
  role?: Role | null;
}

export interface ExplainUnsavedInput {
  location: Record<string, unknown>;
  number: string;
  direction: Direction;
  origin?: Origin | null;
  role?: Role | null;
}

export interface Explanation {
  input: string;
  location: string;
  direction: Direction;
  origin: Origin;
  role: Role;
  result: string;
  canonical: string;
  kind: string;
  country: string;
  extension: string;
  site: string;
  reason: string;
  dialled: string;
  after_answer: string;
  formats: Record<string, string>;
  problem: string | null;
  problem_code: string;
  stages: Stage[];
  dial_stages: Stage[];
}

export interface ExportCheck {
  peer: string;
  version: string;
  records: number | null;
}

export interface ExportColumn {
  name: string;
  value: string;
}

export interface ExportInput {
  name: string;
  kind: string;
  settings?: Record<string, unknown>;
  books?: string[] | null;
  columns?: ExportColumn[];
  conditions?: string[];
  number_format?: "plain" | "plain_short" | "readable" | "readable_short" | "dialable" | "din_5008" | "din_5008_short" | "plain_hyphen" | "plain_hyphen_short" | "unformatted";
  location_id?: string;
  enabled?: boolean;
  file?: string;
  schedule?: string;
  options?: ExportOptions;
  id?: string;
  gone?: unknown;
  size?: unknown;
  last?: unknown;
  due?: unknown;
  etag?: unknown;
}

export interface ExportKind {
  key: string;
  title: string;
  description: string;
  makes_file: boolean;
  suffix: string;
  columns: ExportColumn[];
  settings: Record<string, unknown>;
}

export interface ExportKinds {
  items: ExportKind[];
  fields: string[];
  next: string | null;
}

export interface ExportList {
  items: ExportView[];
  folder: boolean;
  next: string | null;
}

export interface ExportOptions {
  most_removed: number;
  most_seconds: number;
}

export interface ExportPage {
  items: ExportedContact[];
  gone: string[];
  mark: string;
  next: string | null;
}

export interface ExportPreview {
  columns: string[];
  rows: Record<string, string[]>[];
  text: string;
  total: number;
}

export interface ExportRunInput {
  dry?: boolean;
}

export interface ExportView {
  id: string;
  name: string;
  kind: string;
  enabled: boolean;
  settings: Record<string, unknown>;
  books: string[] | null;
  gone: string[];
  columns: ExportColumn[];
  conditions: string[];
  number_format: "plain" | "plain_short" | "readable" | "readable_short" | "dialable" | "din_5008" | "din_5008_short" | "plain_hyphen" | "plain_hyphen_short" | "unformatted";
  location_id: string;
  file: string;
  schedule: string;
  options: ExportOptions;
  size: number | null;
  last: RunView | null;
  due: string | null;
  etag: string;
}

export interface ExportedContact {
  id: string;
  book: string;
  values: Record<string, string | string[]>;
}

export interface Failure {
  key: string;
  name: string;
  code: string;
  message: string;
}

export interface FileView {
  file: string;
  kind: string;
}

/** An active forwarding. `to`: super-canonical, or as the telephone system says it; `display`: as people write it. */
export interface Forwarding {
  type: "forwardBusy" | "forwardBusyExt" | "forwardBusyInt" | "forwardDND" | "forwardImmExt" | "forwardImmInt" | "forwardImmediate" | "forwardNoAns" | "forwardNoAnsExt" | "forwardNoAnsInt";
  to: string;
  display: string;
}

export interface ForwardingInput {
  type: ForwardingType;
  on: boolean;
  to?: string;
}

/** Forwarding types (ECMA-269 6.1.8), each also for internal or external callers only. */
export type ForwardingType = "forwardImmediate" | "forwardBusy" | "forwardNoAns" | "forwardDND" | "forwardImmInt" | "forwardImmExt" | "forwardBusyInt" | "forwardBusyExt" | "forwardNoAnsInt" | "forwardNoAnsExt";

export interface Grant {
  user_id: string;
  level: "blocked" | "public" | "business" | "team" | "personal" | null;
  shared: "blocked" | "public" | "business" | "team" | "personal";
  granted_to_me: "blocked" | "public" | "business" | "team" | "personal";
}

export interface GrantInput {
  level: "blocked" | "public" | "business" | "team" | "personal" | null;
}

export interface Hit {
  kind: HitKind;
  id: string;
  title: string;
  subtitle: string;
  numbers: HitNumber[];
  reason: HitReason;
  score: number;
  meant: string;
  origins: OriginView[];
}

/** What a search found. */
export type HitKind = "contact" | "person";

export interface HitNumber {
  kind: NumberKind;
  canonical: string;
  display: string;
}

/** Which field made it a hit. */
export type HitReason = "name" | "company" | "number" | "email" | "other";

export interface Hits {
  items: Hit[];
  next: string | null;
  waiting: boolean;
}

export interface Hook {
  program: (string | unknown)[];
  url: string;
}

export interface HookInput {
  source: string;
}

export interface HookSecret {
  secret: string;
}

export interface IdentifyAnswer {
  party: PartyView;
  hits: Hit[];
}

export interface ImportedLocations {
  items: Record<string, unknown>[];
  problems: ImportedProblem[];
  next: string | null;
}

export interface ImportedProblem {
  line: number;
  where: string;
  message: string;
  code: string;
  data: Record<string, string | number>;
}

export interface JournalEntry {
  id: string;
  call_id: string;
  tracker: string;
  line_id: string;
  line_number: string;
  user_id: string;
  direction: "inbound" | "outbound";
  internal: boolean;
  remote: PartyView;
  called: PartyView | null;
  redirecting: PartyView | null;
  transferred_to: PartyView | null;
  queue: string;
  started: string;
  rang: string | null;
  answered: string | null;
  ended: string | null;
  duration: number;
  talk: number;
  outcome: Outcome;
  open: boolean;
  done_by: string | null;
  done_at: string | null;
  done_how: DoneHow | null;
  answered_by: string | null;
  subject: string;
  note: string;
  private: boolean;
  project: string;
  mine: boolean;
  consultation: boolean;
}

/** Where somebody who bound is known. */
export type Kind = "anonymous" | "user" | "person" | "directory";

export interface LdapAnswer {
  read_as: string;
  mended: boolean;
  translated: string;
  code: string;
  message: string;
  books: string[];
  later: string[];
  steps: LdapStep[];
  hits: number;
  ldif: string;
  size: number;
  milliseconds: number;
}

export interface LdapCertificate {
  names: string[];
  until: string;
  self_signed: boolean;
}

export interface LdapNode {
  suffix: string;
  id: string;
  name: string;
  books: string[] | null;
  phone_books?: string[];
  number_format: string;
  name_order?: NameOrder;
  order?: ListOrder;
  language: string;
  location_id: string;
  template_id: string;
  networks?: string[];
  anonymous?: string[];
  size_limit: number;
  gone?: string[];
  etag: string;
}

export interface LdapNodes {
  items: LdapNode[];
}

export interface LdapProfile {
  name: string;
  id: string;
  books?: string[];
  users?: string[];
  people?: string[];
  groups?: string[];
  directory_groups?: string[];
  everybody: boolean;
  gone?: string[];
  etag: string;
}

export interface LdapProfiles {
  items: LdapProfile[];
}

export interface LdapQuery {
  filter: string;
  node: string;
  kind?: Kind;
  id: string;
  address: string;
  attributes?: string[];
  limit: number;
}

export interface LdapRefusal {
  at: string;
  name: string;
  address: string;
  code: string;
}

export interface LdapRule {
  search: string;
  replace: string;
  attribute: string;
}

export interface LdapSeenBook {
  id: string;
  contacts: number;
}

export interface LdapSeenNode {
  id: string;
  suffix: string;
  books: string[];
  contacts: number;
}

export interface LdapSight {
  why: directory_ldap_profiles_Why;
  profiles: string[];
  books: LdapSeenBook[];
  nodes: LdapSeenNode[];
  contacts: number;
}

export interface LdapState {
  running: boolean;
  host: string;
  port: number;
  tls_port: number;
  addresses: string[];
  local_only: boolean;
  certificate: LdapCertificate | null;
  workers: LdapWorker[];
  restarts: number;
  connections: number;
  accepted: number;
  turned_away: number;
  cut: number;
  searches: number;
  searches_per_minute: number;
  binds: number;
  refused_binds: number;
  unprotected: number;
  refusals: LdapRefusal[];
  plain_passwords: string;
  active_directory: string;
}

export interface LdapStep {
  depth: number;
  kind: string;
  attributes: string[];
  value: string;
  candidates: number;
  way: Way;
  chosen: boolean;
}

export interface LdapTemplate {
  name: string;
  id: string;
  comment: string;
  asks?: string[];
  filter_attributes?: Record<string, string[]>;
  filter_values?: LdapRule[];
  query_attributes?: Record<string, string[]>;
  result_attributes?: Record<string, string>;
  object_classes?: string[];
  left_out?: string[];
  origin?: TemplateOrigin;
  etag: string;
}

export interface LdapTemplates {
  items: LdapTemplate[];
}

export interface LdapUserInput {
  name: string;
  id?: string;
  active?: boolean;
  comment?: string;
  password?: string;
  etag?: string;
}

export interface LdapUsers {
  items: LdapUserInput[];
}

export interface LdapWorker {
  number: number;
  pid: number;
  answers: boolean;
  connections: number;
  searches: number;
  contacts: number;
}

export interface LevelRights {
  level: "blocked" | "public" | "business" | "team" | "personal";
  rights: string[];
}

export interface Levels {
  members: "blocked" | "public" | "business" | "team" | "personal";
  leaders: "blocked" | "public" | "business" | "team" | "personal";
}

/** A line, and what may be asked of it now without a call. `link`: the id of the link to its PBX, "" for others' lines. */
export interface Line {
  id: string;
  number: string;
  name: string;
  user_ids: string[];
  device_status: DeviceState;
  services: string[];
  own: boolean;
  link: string;
}

/** A call as one line sees it. `since`: when this state began. `services`: what may be asked now.

    `parked_at`: what to dial to fetch the call, which this line has parked and which nobody has fetched yet. `returned`: it
    rings here again, because nobody took it where this line gave it. */
export interface LineCall {
  id: string;
  call_id: string;
  line_id: string;
  tracker: string;
  direction: "conference" | "feature" | "inbound" | "internal" | "outbound";
  state: "busy" | "conferenced" | "connected" | "dialing" | "ended" | "failed" | "held-by-other" | "hold" | "initiated" | "offering" | "queued" | "ringback";
  remote: PartyView;
  called: PartyView;
  redirecting: PartyView | null;
  queue: string;
  started: string;
  rang: string | null;
  answered: string | null;
  ended: string | null;
  since: string;
  services: string[];
  consultation: boolean;
  parties: PartyView[];
  result: string | null;
  cause: string;
  parked_at: string;
  returned: boolean;
  note: string;
  subject: string;
  data: Record<string, string>;
  journal_id: string | null;
}

export interface LineIdsInput {
  ids: string[];
}

/** What a line is. */
export type LineKind = "extension" | "trunk" | "queue" | "group";

/** The link to a PBX. */
export interface Link {
  id: string;
  name: string;
  kind: string;
  phase: "connecting" | "refused" | "signing-in" | "stopped" | "synchronising" | "up" | "waiting";
  code: string;
  message: string;
  remedy: string;
  peer: string;
  version: string;
  lines: number;
  since: string | null;
  anomalies: number;
  next_try: string | null;
}

/** In which order contacts are answered to who asks for none. */
export type ListOrder = "as-found" | "last-name" | "first-name" | "company";

export interface LocationName {
  id: string;
  name: string;
  country: string;
}

export interface LookInput {
  kind: string;
  settings: Record<string, unknown>;
  mapping?: replicators_mapping_Rule[];
  location_id?: string;
  id?: string;
}

export interface LookView {
  check: CheckView;
  columns: ColumnView[];
  mapping: replicators_mapping_Rule[];
  suggested: replicators_mapping_Rule[];
  rows: RowView[];
}

/** Whose XML the devices of a fleet read; every fleet may ask for JSON and vCard. */
export type Make = "other" | "yealink" | "snom" | "cisco" | "grandstream" | "fanvil";

export interface MapInput {
  records: Record<string, string>[];
  mapping: replicators_mapping_Rule[];
  location_id?: string;
}

export interface MapView {
  rows: RowView[];
  texts: string[][];
}

export interface Me {
  id: string;
  login: string;
  name: string;
  mail: string;
  admin: boolean;
  locale: string;
  group_ids: string[];
  line_ids: string[];
  location_id: string;
  favourites: string[];
  settings: Record<string, unknown>;
}

export interface MeInput {
  name?: string;
  locale?: "" | "en" | "it" | "de";
  favourites?: string[];
  settings?: Record<string, unknown>;
}

/** Figures for badges. */
export interface MissedCalls {
  missed_open: number;
}

/** What a run does. */
export type Mode = "full" | "incremental" | "dry" | "remake";

/** How the name of a person is shown. */
export type NameOrder = "as-is" | "first-last" | "last-first";

export interface NewPhoneKey {
  key: PhoneKey;
  secret: string;
}

export interface NewToken {
  id: string;
  name: string;
  scopes: string[];
  created: string;
  expires: string | null;
  last_used: string | null;
  secret: string;
}

export interface NumberInput {
  kind: NumberKind;
  raw: string;
}

/** What a contact's number is for. The order is kept: an index stores it as a small integer. */
export type NumberKind = "business" | "business-2" | "company-main" | "assistant" | "home" | "home-2" | "primary" | "mobile" | "car" | "radio" | "pager" | "other" | "callback" | "isdn" | "tty-tdd" | "fax-business" | "fax-home";

export interface NumberView {
  kind: NumberKind;
  raw: string;
  canonical: string;
  display: string;
}

export interface Options {
  most_removed: number;
  most_rows: number;
  most_seconds: number;
  full_after_days: number;
  before?: Hook;
  after?: Hook;
}

/** Who wrote the number. */
export type Origin = "person" | "pbx";

export interface OriginView {
  contact_id: string;
  book: string;
  reason: string;
  link: string;
}

/** What became of the call, for this line. */
export type Outcome = "running" | "answered" | "answered-elsewhere" | "picked-up-elsewhere" | "missed" | "missed-queue" | "missed-dnd" | "missed-unreachable" | "missed-voicemail" | "rejected" | "busy" | "deflected" | "forwarded" | "transferred" | "ringing-continues-as-transfer" | "not-answered" | "voicemail" | "unreachable" | "refused-dnd" | "abandoned" | "own-phone-not-answered" | "not-placed" | "feature-code" | "lost-sight";

export interface PairEntry {
  contact_id: string;
  title: string;
  book: string;
}

export interface PairInput {
  first: string;
  second: string;
  joined: boolean;
}

export interface PairView {
  first: PairEntry;
  second: PairEntry;
  joined: boolean;
  by: string;
  at: string;
}

export interface PartyView {
  number: string;
  display: string;
  canonical: string;
  name: string;
  company: string;
  contact_id: string | null;
  user_id: string | null;
  country: string;
  restricted: boolean;
  kind: string;
  reason: string;
  alternatives: number;
}

export interface PasswordInput {
  old: string;
  new: string;
}

export interface Person {
  id: string;
  name: string;
  given_name: string;
  family_name: string;
  location: string;
  location_name: string;
  group_ids: string[];
  group_names: string[];
  rights: string[];
  title?: string;
  department?: string;
  mail?: string;
  mobile?: string;
  mobile_display?: string;
  number?: string;
}

export interface PersonEntry {
  contact_id: string;
  title: string;
  subtitle: string;
  numbers: string[];
  emails: string[];
  book: string;
  reason: string;
}

export interface PersonView {
  entries: PersonEntry[];
}

export interface PhoneFleet {
  id: string;
  name: string;
  make: Make;
  node_id: string;
  profile_id: string;
  active: boolean;
  key_in_path: boolean;
  plain_networks: string[];
  most: number;
  contacts: number;
  limit: number;
  address: string;
  problem: string;
  keys: PhoneKey[];
  etag: string;
}

export interface PhoneFleetInput {
  name: string;
  make?: Make;
  node_id?: string;
  profile_id?: string;
  active?: boolean;
  key_in_path?: boolean;
  plain_networks?: string[];
  most?: number;
  id?: unknown;
  contacts?: unknown;
  limit?: unknown;
  address?: unknown;
  problem?: unknown;
  keys?: unknown;
  etag?: unknown;
}

export interface PhoneKey {
  id: string;
  name: string;
  created: string;
  last_used: string | null;
}

export interface PhoneKeyInput {
  name: string;
}

/** Who is there, and why we say so. */
export interface Presence {
  state: "available" | "away" | "busy" | "dnd" | "offline" | "unknown";
  reason: "call" | "idle" | "line-dnd" | "manual" | "none" | "ringing" | "signed-out" | "telephone";
  since: string | null;
  until: string | null;
  note: string;
  activity: "after-call" | "conference" | "none" | "on-the-phone" | "ringing";
  with: string;
  settable: boolean;
}

export interface PresenceInput {
  state: PresenceState | null;
  until?: string | null;
  note?: string;
}

/** What colleagues see. */
export type PresenceState = "available" | "busy" | "away" | "dnd" | "offline" | "unknown";

/** What a client gets instead of an answer (RFC 9457 3.1). `code` is stable; `data` is for the translated text. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  culprit: Culprit;
  retry: Retry;
  data: Record<string, unknown>;
}

/** Why somebody is proposed. */
export type ProposalReason = "number" | "name";

/** How far a list reaches. */
export type Reach = "mine" | "group" | "all";

/** Whether the same thing may be tried again. */
export type Retry = "ask-admin" | "later" | "never";

export interface Rights {
  everyone: "blocked" | "public" | "business" | "team" | "personal";
  group_default: Levels;
  groups: RightsGroup[];
  levels: LevelRights[];
  etag: string;
}

export interface RightsGroup {
  id: string;
  name: string;
  members: number;
  leaders: number;
  levels: Levels | null;
}

export interface RightsInput {
  everyone?: "blocked" | "public" | "business" | "team" | "personal";
  group_default?: Levels;
  groups?: Record<string, Levels | null>;
  levels?: unknown;
  etag?: unknown;
}

/** What the number is in the call; each has its own list of outside digits to take off. */
export type Role = "caller" | "called" | "connected" | "redirecting" | "forwarding" | "line";

export interface RowView {
  values: Record<string, string>;
  contact: Contact | null;
  problem: BadRow | null;
}

export interface RuleEffect {
  rule: string;
  pairs: number;
}

export interface RuleInput {
  on: boolean;
}

export interface RuleView {
  rule: duplicates_Rule;
  on: boolean;
}

export interface RunInput {
  mode?: Mode | null;
}

export interface RunReport {
  added: Change[];
  changed: Change[];
  removed: Change[];
  bad: BadRow[];
  odd: BadRow[];
  failed: Failure[];
}

/** Where a run stands. */
export type RunState = "running" | "done" | "failed" | "asks" | "refused" | "cancelled";

export interface RunView {
  id: string;
  what: What;
  owner: string;
  mode: Mode;
  trigger: Trigger;
  state: RunState;
  started: string;
  ended: string | null;
  counts: Counts;
  code: string;
  message: string;
  data: Record<string, unknown>;
  size: number;
}

/** What a session or token may be used for. */
export type Scope = "all" | "read" | "calls" | "admin" | "export";

export interface Session {
  user: Me;
  csrf: string;
  expires: string;
}

export interface SignInInput {
  login: string;
  password: string;
}

export interface SourceInput {
  name: string;
  kind: string;
  settings: Record<string, unknown>;
  mapping: replicators_mapping_Rule[];
  book?: string | BookRefInput;
  enabled?: boolean;
  location_id?: string;
  link?: string;
  schedule?: string;
  options?: Options;
  id?: unknown;
  webhook?: unknown;
  last?: unknown;
  due?: unknown;
  etag?: unknown;
}

export interface SourceKind {
  key: string;
  title: string;
  description: string;
  incremental: boolean;
  suffixes: string[];
  settings: Record<string, unknown>;
}

export interface SourceView {
  id: string;
  name: string;
  book: BookView;
  kind: string;
  enabled: boolean;
  settings: Record<string, unknown>;
  mapping: replicators_mapping_Rule[];
  location_id: string;
  link: string;
  schedule: string;
  options: Options;
  webhook: boolean;
  last: RunView | null;
  due: string | null;
  etag: string;
}

export interface Stage {
  name: string;
  before: string;
  after: string;
  rule: string | null;
  hit: boolean;
  note: string;
  note_code: string;
}

export interface Status {
  version: string;
  started: string;
  checks: StatusCheck[];
  counts: Record<string, number>;
}

export interface StatusCheck {
  id: string;
  level: CheckLevel;
  title: string;
  message: string;
  remedy: string;
  code: string;
  data?: Record<string, string | number>;
}

export interface Takeover {
  columns: Record<string, string>;
  rows: TakeoverRow[];
  new_groups: string[];
  added: string[];
}

export interface TakeoverRow {
  line: number;
  login: string;
  name: string;
  mail: string;
  groups: string[];
  number: string;
  verdict: Verdict;
  code: string;
  field: string;
}

/** Where a template comes from. */
export type TemplateOrigin = "ready" | "changed" | "own";

export interface TestInput {
  kind: string;
  settings: Record<string, unknown>;
  id?: string;
}

export interface TestStep {
  name: string;
  ok: boolean | null;
  code: string;
  message: string;
  remedy: string;
}

export interface Token {
  id: string;
  name: string;
  scopes: string[];
  created: string;
  expires: string | null;
  last_used: string | null;
}

export interface TokenInput {
  name: string;
  scopes: Scope[];
  days?: number | null;
}

export interface TraceFrame {
  at: string;
  sent: boolean;
  text: string;
  note: string;
}

/** Who started a run. */
export type Trigger = "manual" | "schedule" | "command" | "webhook" | "server";

/** What can be asked about a call. */
export type Verb = "answer" | "drop" | "reject" | "hold" | "retrieve" | "alternate" | "consult" | "reconnect" | "transfer" | "blind-transfer" | "deflect" | "conference" | "dtmf" | "pickup" | "park" | "callback";

/** What becomes of a row. */
export type Verdict = "new" | "known" | "bad";

/** How the candidates of a step are found. */
export type Way = "index" | "texts" | "each" | "none";

/** What runs. */
export type What = "source" | "export";

/** Why an event cannot be; clients have words for each, with the particulars in them. */
export type calls_impossible_Why = "unknown-call" | "unknown-connection" | "after-end" | "after-cleared" | "before-begin" | "state" | "too-many-connections" | "unreadable" | "internal";

/** Why somebody sees what they see. */
export type directory_ldap_profiles_Why = "anonymous" | "own-profiles" | "for-everybody" | "no-profile" | "no-profile-nothing" | "inactive";

/** Why two entries of different books are the same person's. */
export type duplicates_Rule = "number-and-name" | "email" | "name-and-firm";

export interface replicators_mapping_Rule {
  field: string;
  value: string;
  kind: string;
}

/** Every route: `path` below the base path, what it takes, and what it answers. */
export interface Operations {
  GET:
    | { path: "/admin/connectors"; answer: Page<AdminConnector> }
    | { path: "/admin/connectors/kinds"; answer: Page<ConnectorKind> }
    | { path: `/admin/connectors/${string}/anomalies`; answer: Page<AnomalyKind> }
    | { path: `/admin/connectors/${string}/recording`; answer: Blob }
    | { path: `/admin/connectors/${string}/trace`; answer: Page<TraceFrame> }
    | { path: "/admin/contacts/books"; answer: Page<BookDetail> }
    | { path: "/admin/contacts/duplicates"; answer: DuplicatesView }
    | { path: "/admin/contacts/duplicates/effects"; query: { after?: string }; answer: DuplicateEffects }
    | { path: "/admin/contacts/duplicates/persons"; query: { q?: string; after?: string }; answer: Page<PersonView> }
    | { path: "/admin/exports"; answer: ExportList }
    | { path: "/admin/exports/kinds"; answer: ExportKinds }
    | { path: `/admin/exports/${string}/file`; answer: Blob }
    | { path: `/admin/exports/${string}/runs`; query: { limit?: number }; answer: Page<RunView> }
    | { path: "/admin/groups"; answer: Page<AdminGroup> }
    | { path: "/admin/ldap/nodes"; answer: LdapNodes }
    | { path: "/admin/ldap/profiles"; answer: LdapProfiles }
    | { path: "/admin/ldap/sight"; query: { kind?: Kind; id?: string }; answer: LdapSight }
    | { path: "/admin/ldap/state"; answer: LdapState }
    | { path: "/admin/ldap/templates"; answer: LdapTemplates }
    | { path: "/admin/ldap/users"; answer: LdapUsers }
    | { path: "/admin/lines"; answer: Page<AdminLine> }
    | { path: "/admin/lines/discovered"; answer: Page<DiscoveredLine> }
    | { path: "/admin/locations"; answer: Page<Record<string, unknown>> }
    | { path: "/admin/people"; answer: Page<AdminPerson> }
    | { path: "/admin/phonebooks/fleets"; answer: Page<PhoneFleet> }
    | { path: "/admin/rights"; answer: Rights }
    | { path: `/admin/runs/${string}`; answer: RunView }
    | { path: `/admin/runs/${string}/report`; answer: RunReport }
    | { path: "/admin/sources"; answer: Page<SourceView> }
    | { path: "/admin/sources/kinds"; answer: Page<SourceKind> }
    | { path: "/admin/sources/schedule"; query: { schedule?: string; location_id?: string }; answer: Page<string> }
    | { path: `/admin/sources/${string}/runs`; query: { limit?: number }; answer: Page<RunView> }
    | { path: "/admin/status"; answer: Status }
    | { path: `/contacts/${string}`; answer: Contact }
    | { path: "/directory/export"; query: { since?: string; after?: string; limit?: number }; answer: ExportPage }
    | { path: "/identify"; query: { number: string; line_id?: string }; answer: IdentifyAnswer }
    | { path: "/journal"; query: { after?: string; limit?: number; q?: string; filter?: string; scope?: Reach; contact_id?: string; number?: string; from?: string | null; to?: string | null }; answer: Page<JournalEntry> }
    | { path: "/journal/history"; query: { number?: string; contact_id?: string; limit?: number }; answer: Page<JournalEntry> }
    | { path: `/journal/${string}`; answer: JournalEntry }
    | { path: "/locations"; answer: Page<LocationName> }
    | { path: "/me"; answer: Me }
    | { path: "/me/grants"; answer: Page<Grant> }
    | { path: "/me/tokens"; answer: Page<Token> }
    | { path: "/people"; answer: Page<Person> }
    | { path: "/search"; query: { q?: string; limit?: number }; answer: Hits }
    | { path: "/session"; answer: Session };
  POST:
    | { path: "/admin/connectors"; body: ConnectorInput; answer: AdminConnector }
    | { path: "/admin/connectors/test"; body: TestInput; answer: ConnectorTest }
    | { path: `/admin/connectors/${string}/retry`; answer: null }
    | { path: "/admin/contacts/books"; body: BookInput; answer: BookDetail }
    | { path: "/admin/exports"; body: ExportInput; answer: ExportView }
    | { path: "/admin/exports/check"; body: ExportInput; answer: ExportCheck }
    | { path: "/admin/exports/preview"; body: ExportInput; answer: ExportPreview }
    | { path: `/admin/exports/${string}/runs`; body: ExportRunInput; answer: RunView }
    | { path: "/admin/groups"; body: AdminGroupInput; answer: AdminGroup }
    | { path: `/admin/ldap/templates/${string}/termxml`; body: FormData; answer: LdapTemplate }
    | { path: "/admin/ldap/test"; body: LdapQuery; answer: LdapAnswer }
    | { path: "/admin/lines"; body: AdminLineInput; answer: AdminLine }
    | { path: "/admin/lines/several"; body: AdminLinesInput; answer: Page<AdminLine> }
    | { path: "/admin/lines/several/remove"; body: LineIdsInput; answer: null }
    | { path: "/admin/locations"; body: Record<string, unknown>; answer: Record<string, unknown> }
    | { path: "/admin/locations/explain"; body: ExplainUnsavedInput; answer: Explanation }
    | { path: "/admin/locations/import"; body: FormData; answer: ImportedLocations }
    | { path: "/admin/people"; body: AdminPersonInput; answer: AdminPerson }
    | { path: "/admin/people/import"; body: FormData; answer: Takeover }
    | { path: "/admin/people/import/preview"; body: FormData; answer: Takeover }
    | { path: `/admin/phonebooks/fleets/${string}/keys`; body: PhoneKeyInput; answer: NewPhoneKey }
    | { path: "/admin/rights/effects"; body: RightsInput; answer: Page<Effect> }
    | { path: `/admin/runs/${string}/cancel`; answer: RunView }
    | { path: `/admin/runs/${string}/confirm`; answer: RunView }
    | { path: `/admin/runs/${string}/refuse`; answer: RunView }
    | { path: "/admin/sources"; body: SourceInput; answer: SourceView }
    | { path: "/admin/sources/check"; body: LookInput; answer: CheckView }
    | { path: "/admin/sources/files"; body: FormData; answer: FileView }
    | { path: "/admin/sources/map"; body: MapInput; answer: MapView }
    | { path: "/admin/sources/preview"; body: LookInput; answer: LookView }
    | { path: `/admin/sources/${string}/hook`; answer: HookSecret }
    | { path: `/admin/sources/${string}/runs`; body: RunInput; answer: RunView }
    | { path: "/calls"; body: DialInput; answer: Accepted }
    | { path: `/calls/${string}/${Verb}`; body: CommandInput; answer: Accepted }
    | { path: "/contacts"; body: ContactInput; answer: Contact }
    | { path: "/hooks/sources"; body: HookInput; answer: RunView }
    | { path: `/journal/${string}/done`; body: DoneInput; answer: JournalEntry }
    | { path: `/lines/${string}/group-pickup`; answer: Accepted }
    | { path: "/me/activity"; body: ActivityInput; answer: null }
    | { path: "/me/password"; body: PasswordInput; answer: null }
    | { path: "/me/tokens"; body: TokenInput; answer: NewToken }
    | { path: "/numbers/explain"; body: ExplainInput; answer: Explanation }
    | { path: "/session"; body: SignInInput; answer: Session };
  PUT:
    | { path: `/admin/connectors/${string}`; body: ConnectorInput; answer: AdminConnector }
    | { path: `/admin/contacts/books/${string}`; body: BookInput; answer: BookDetail }
    | { path: "/admin/contacts/duplicates/pairs"; body: PairInput; answer: null }
    | { path: `/admin/contacts/duplicates/rules/${string}`; body: RuleInput; answer: null }
    | { path: `/admin/exports/${string}`; body: ExportInput; answer: ExportView }
    | { path: `/admin/groups/${string}`; body: AdminGroupInput; answer: AdminGroup }
    | { path: `/admin/ldap/nodes/${string}`; body: LdapNode; answer: LdapNode }
    | { path: `/admin/ldap/profiles/${string}`; body: LdapProfile; answer: LdapProfile }
    | { path: `/admin/ldap/templates/${string}`; body: LdapTemplate; answer: LdapTemplate }
    | { path: `/admin/ldap/users/${string}`; body: LdapUserInput; answer: LdapUserInput }
    | { path: `/admin/lines/${string}`; body: AdminLineInput; answer: AdminLine }
    | { path: `/admin/locations/${string}`; body: Record<string, unknown>; answer: Record<string, unknown> }
    | { path: `/admin/people/${string}`; body: AdminPersonInput; answer: AdminPerson }
    | { path: `/admin/phonebooks/fleets/${string}`; body: PhoneFleetInput; answer: PhoneFleet }
    | { path: `/admin/sources/${string}`; body: SourceInput; answer: SourceView }
    | { path: `/contacts/${string}`; body: ContactInput; answer: Contact }
    | { path: `/lines/${string}/dnd`; body: DndInput; answer: Accepted }
    | { path: `/lines/${string}/forwarding`; body: ForwardingInput; answer: Accepted }
    | { path: `/me/grants/${string}`; body: GrantInput; answer: null }
    | { path: "/me/presence"; body: PresenceInput; answer: null }
    | { path: `/people/${string}/presence`; body: PresenceInput; answer: null };
  PATCH:
    | { path: "/admin/rights"; body: RightsInput; answer: Rights }
    | { path: `/calls/${string}`; body: CallDataInput; answer: null }
    | { path: `/journal/${string}`; body: EntryInput; answer: JournalEntry }
    | { path: "/me"; body: MeInput; answer: Me };
  DELETE:
    | { path: `/admin/connectors/${string}`; answer: null }
    | { path: `/admin/connectors/${string}/anomalies`; answer: null }
    | { path: `/admin/contacts/books/${string}`; answer: null }
    | { path: `/admin/contacts/duplicates/pairs/${string}/${string}`; answer: null }
    | { path: `/admin/exports/${string}`; answer: null }
    | { path: `/admin/groups/${string}`; answer: null }
    | { path: `/admin/ldap/nodes/${string}`; answer: null }
    | { path: `/admin/ldap/profiles/${string}`; answer: null }
    | { path: `/admin/ldap/templates/${string}`; answer: null }
    | { path: `/admin/ldap/users/${string}`; answer: null }
    | { path: `/admin/lines/${string}`; answer: null }
    | { path: `/admin/locations/${string}`; answer: null }
    | { path: `/admin/people/${string}`; answer: null }
    | { path: `/admin/phonebooks/fleets/${string}`; answer: null }
    | { path: `/admin/phonebooks/fleets/${string}/keys/${string}`; answer: null }
    | { path: `/admin/sources/${string}`; answer: null }
    | { path: `/admin/sources/${string}/hook`; answer: null }
    | { path: `/contacts/${string}`; answer: null }
    | { path: `/me/tokens/${string}`; answer: null }
    | { path: "/session"; answer: null };
}
