/** The client's one object: state, server, stream, and what joins them. No React, no DOM beyond what is handed in. */
import type { Api } from "./api/routes";
import { routes } from "./api/routes";
import { Http } from "./api/http";
import { asProblem, type Problem } from "./api/problem";
import type { Session } from "./api/types";
import { type AfterCall, keepFinished } from "./replica/aftercall";
import { EMPTY_REPLICA, type Replica } from "./replica/model";
import { type LinkPhase, type Socket, Sync } from "./replica/sync";
import { type Route, parsePath } from "./router";
import { readSettings } from "./settings";
import { Store } from "./store";

/** A question the call window asks before a command can go: whom to call. */
export interface Ask {
  callId: string;
  what: "consult" | "blind-transfer" | "deflect";
}

export interface AppState {
  phase: "starting" | "signed-out" | "signed-in";
  session: Session | null;
  link: LinkPhase;
  /** When the stream was last alive, in ms of our clock. */
  lastSeen: number | null;
  replica: Replica;
  /** Actions on their way, by `action:target`. */
  pending: Readonly<Record<string, true>>;
  /** Why the last try of an action was refused, by `action:target`. */
  refused: Readonly<Record<string, Problem>>;
  finished: readonly AfterCall[];
  route: Route;
  palette: boolean;
  cheatSheet: boolean;
  /** A number waiting for "Call?". */
  dialConfirm: string | null;
  callWindow: "open" | "closed";
  ask: Ask | null;
  attendant: boolean;
  /** Last thing said to screen readers. */
  announcement: string;
}

const INITIAL: AppState = {
  phase: "starting",
  session: null,
  link: "connecting",
  lastSeen: null,
  replica: EMPTY_REPLICA,
  pending: {},
  refused: {},
  finished: [],
  route: { page: "monitor" },
  palette: false,
  cheatSheet: false,
  dialConfirm: null,
  callWindow: "closed",
  ask: null,
  attendant: false,
  announcement: "",
};

export interface Surroundings {
  http?: Http;
  openSocket: () => Socket;
  now?: () => number;
  /** Shows a path in the address bar. */
  pushPath?: (path: string) => void;
}

export class Unisono {
  readonly store = new Store<AppState>(INITIAL);
  readonly api: Api;
  readonly http: Http;
  private readonly sync: Sync;
  private readonly clock: () => number;

  constructor(private readonly around: Surroundings) {
    this.http = around.http ?? new Http();
    this.api = routes(this.http);
    this.clock = around.now ?? Date.now;
    this.http.onSignedOut = () => this.forget();
    this.sync = new Sync({
      open: around.openSocket,
      onReplica: (replica) => this.replicaChanged(replica),
      onPhase: (link) => this.linkChanged(link),
      onRefused: () => this.forget(),
    });
  }

  /** The server's time now, in ms: what running times are counted from. */
  now(): number {
    return this.clock() + this.http.skew;
  }

  get state(): AppState {
    return this.store.get();
  }

  /** Picks up the session of the cookie, if there is one. */
  async start(): Promise<void> {
    try {
      this.signedIn(await this.api.session.get());
    } catch (error) {
      this.store.patch({ phase: "signed-out", link: asProblem(error).code === "unreachable" ? "offline" : "connecting" });
    }
  }

  async signIn(login: string, password: string): Promise<void> {
    this.signedIn(await this.api.session.create(login, password));
  }

  async signOut(): Promise<void> {
    await this.api.session.delete().catch(() => null);
    this.forget();
  }

  /** The server is reached again, as far as the browser knows. */
  retryNow(): void {
    this.sync.retryNow();
  }

  /** The network is gone, as far as the browser knows. */
  networkLost(): void {
    this.sync.lost();
  }

  go(path: string): void {
    this.around.pushPath?.(path);
    this.store.patch({ route: parsePath(path.split(/[?#]/)[0] ?? "/"), palette: false });
  }

  dismissFinished(callId: string): void {
    this.store.update((state) => ({ ...state, finished: state.finished.filter((item) => item.call.id !== callId) }));
  }

  /** Lets calls go whose two minutes are over; called by the ticking of the shell. */
  sweep(): void {
    const { replica, finished } = this.state;
    this.store.patch({ finished: keepFinished(finished, replica.state, replica.state, this.now()) });
  }

  private signedIn(session: Session): void {
    this.http.csrf = session.csrf;
    this.store.patch({ phase: "signed-in", session });
    this.sync.start();
  }

  private forget(): void {
    this.sync.stop();
    this.http.csrf = "";
    const { route } = this.state;
    this.store.set({ ...INITIAL, phase: "signed-out", route });
  }

  /** An administrator of a server without people or telephones begins with the first steps, and only then. */
  private welcome({ state: { me, people, lines } }: Replica): void {
    const alone = Object.keys(people).length <= 1 && Object.keys(lines).length === 0;
    if (me.me?.admin && alone && this.state.route.page === "monitor") this.go("/admin/status");
  }

  private linkChanged(link: LinkPhase): void {
    const lastSeen = link === "live" ? this.clock() : this.state.lastSeen;
    if (link !== this.state.link) this.store.patch({ link, lastSeen });
    else if (link === "live") this.state.lastSeen = lastSeen;
  }

  private replicaChanged(replica: Replica): void {
    const state = this.state;
    const { twoMinutes, openWindow } = readSettings(replica.state.me.me?.settings);
    const finished = twoMinutes ? keepFinished(state.finished, state.replica.state, replica.state, this.now()) : [];
    // An attendant needs the list of people in sight, not the window.
    const begun = openWindow && !state.attendant && replica.state.calls !== state.replica.state.calls && hasNewCall(state.replica, replica);
    if (state.replica.epoch === "" && replica.epoch !== "") this.welcome(replica);
    this.store.patch({ replica, finished, ...(begun ? { callWindow: "open" as const } : {}) });
  }
}

/** Whether an own call is being talked on or dialled that was not before. */
function hasNewCall(before: Replica, after: Replica): boolean {
  return Object.values(after.state.calls).some((call) => {
    const shown = (state: string) => state !== "offering" && state !== "ended" && state !== "queued";
    const was = before.state.calls[call.id];
    return after.state.lines[call.line_id]?.own && shown(call.state) && !(was && shown(was.state));
  });
}
