/** The shell around the reducer: one WebSocket, reconnect with back-off, resume, and a watch for links that died without a word. */
import { type ClientMessage, EMPTY_REPLICA, type Replica } from "./model";
import { parseMessage, reduce } from "./reduce";

export type LinkPhase = "connecting" | "live" | "offline";

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface SyncOptions {
  open: () => Socket;
  onReplica: (replica: Replica) => void;
  onPhase: (phase: LinkPhase) => void;
  /** The server refused the session (close code 4401 or 1008). */
  onRefused: () => void;
  setTimeout?: (run: () => void, ms: number) => unknown;
  clearTimeout?: (timer: unknown) => void;
  random?: () => number;
}

/** The server pings every 20 s; a link that is silent for this long is dead. */
export const SILENCE_MS = 50_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** How long to wait before try number `attempt` (from 0): doubling, with up to half taken off by chance so that clients spread. */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return full * (1 - random / 2);
}

export class Sync {
  private replica: Replica = EMPTY_REPLICA;
  private socket: Socket | null = null;
  private attempt = 0;
  private retry: unknown = null;
  private watch: unknown = null;
  private running = false;
  private readonly later: (run: () => void, ms: number) => unknown;
  private readonly cancel: (timer: unknown) => void;
  private readonly random: () => number;

  constructor(private readonly options: SyncOptions) {
    this.later = options.setTimeout ?? ((run, ms) => globalThis.setTimeout(run, ms));
    this.cancel = options.clearTimeout ?? ((timer) => globalThis.clearTimeout(timer as number));
    this.random = options.random ?? Math.random;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.connect();
  }

  /** Ends the link and forgets the replica. */
  stop(): void {
    this.running = false;
    this.cancel(this.retry);
    this.cancel(this.watch);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.replica = EMPTY_REPLICA;
  }

  /** Tries again at once: the browser says it is online, or somebody pressed the button. */
  retryNow(): void {
    if (!this.running || this.socket) return;
    this.cancel(this.retry);
    this.connect();
  }

  /** The browser says that the network is gone: do not wait for the silence to tell. */
  lost(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.onclose = null;
    socket.close();
    this.closed(1006);
  }

  private connect(): void {
    this.options.onPhase(this.attempt === 0 ? "connecting" : "offline");
    const socket = this.options.open();
    this.socket = socket;
    socket.onopen = () => {
      this.say({ type: "hello", epoch: this.replica.epoch, seq: this.replica.seq });
      this.heard();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.closed(event.code);
    };
    this.heard();
  }

  private receive(text: string): void {
    this.heard();
    const message = parseMessage(text);
    if (!message) return;
    this.attempt = 0;
    this.options.onPhase("live");
    if (message.type === "ping") {
      this.say({ type: "pong" });
      return;
    }
    const next = reduce(this.replica, message);
    if (next !== this.replica) {
      this.replica = next;
      this.options.onReplica(next);
    }
  }

  private closed(code: number): void {
    this.socket = null;
    this.cancel(this.watch);
    if (!this.running) return;
    if (code === 4401 || code === 1008) {
      this.options.onRefused();
      return;
    }
    this.options.onPhase("offline");
    this.retry = this.later(() => this.connect(), backoff(this.attempt, this.random()));
    this.attempt += 1;
  }

  /** A sign of life: start the watch anew. */
  private heard(): void {
    this.cancel(this.watch);
    this.watch = this.later(() => this.lost(), SILENCE_MS);
  }

  private say(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message));
  }
}
