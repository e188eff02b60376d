import type { Replica } from "@core/replica/model";
import { backoff, type LinkPhase, SILENCE_MS, type Socket, Sync } from "@core/replica/sync";
import { beforeEach, describe, expect, it } from "vitest";

class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

describe("Sync", () => {
  let sockets: FakeSocket[];
  let timers: { run: () => void; ms: number; gone?: boolean }[];
  let phases: LinkPhase[];
  let replicas: Replica[];
  let refused: number;
  let sync: Sync;
  const last = () => sockets.at(-1) as FakeSocket;
  const fire = (ms: number) => {
    const timer = timers.find((each) => !each.gone && each.ms === ms);
    if (!timer) throw new Error(`no timer of ${ms}`);
    timer.gone = true;
    timer.run();
  };

  beforeEach(() => {
    [sockets, timers, phases, replicas, refused] = [[], [], [], [], 0];
    sync = new Sync({
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      onReplica: (replica) => replicas.push(replica),
      onPhase: (phase) => phases.push(phase),
      onRefused: () => {
        refused += 1;
      },
      setTimeout: (run, ms) => {
        const timer = { run, ms };
        timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => {
        if (timer) (timer as { gone?: boolean }).gone = true;
      },
      random: () => 0,
    });
    sync.start();
    last().onopen?.();
  });

  it("greets with what it knows, applies what comes and answers pings", () => {
    expect(last().sent).toEqual([{ type: "hello", epoch: "", seq: 0 }]);
    last().say({ type: "snapshot", epoch: "e", seq: 7, state: {} });
    last().say({ type: "ping" });
    expect(last().sent.at(-1)).toEqual({ type: "pong" });
    expect(replicas.at(-1)?.seq).toBe(7);
    expect(phases.at(-1)).toBe("live");
  });

  it("comes back after a loss and resumes from the last fact", () => {
    last().say({ type: "snapshot", epoch: "e", seq: 7, state: {} });
    last().onclose?.({ code: 1006 });
    expect(phases.at(-1)).toBe("offline");
    fire(500);
    last().onopen?.();
    expect(sockets).toHaveLength(2);
    expect(last().sent).toEqual([{ type: "hello", epoch: "e", seq: 7 }]);
    last().say({ type: "facts", seq: 8, facts: [{ collection: "counts", id: "journal", value: { missed_open: 1 } }] });
    expect(replicas.at(-1)?.state.counts.journal?.missed_open).toBe(1);
  });

  it("takes a silent link for dead", () => {
    fire(SILENCE_MS);
    expect(last().closed).toBe(true);
    expect(phases.at(-1)).toBe("offline");
    fire(500);
    expect(sockets).toHaveLength(2);
  });

  it("does not knock again where the session was refused, nor after stop", () => {
    last().onclose?.({ code: 4401 });
    expect(refused).toBe(1);
    expect(timers.some((timer) => timer.ms === 500 && !timer.gone)).toBe(false);
    sync.stop();
    sync.retryNow();
    expect(sockets).toHaveLength(1);
  });

  it("waits longer each time, up to a limit, and spreads", () => {
    expect([0, 1, 2, 3].map((attempt) => backoff(attempt, 0))).toEqual([500, 1000, 2000, 4000]);
    expect(backoff(30, 0)).toBe(15_000);
    expect(backoff(30, 1)).toBe(7_500);
  });

  it("goes offline at once when the browser says so, and comes back with what it knows", () => {
    last().onopen?.();
    last().say({ type: "snapshot", epoch: "e", seq: 7, state: {} });
    const before = last();
    sync.lost();
    expect(before.closed).toBe(true);
    expect(phases.at(-1)).toBe("offline");
    sync.retryNow();
    last().onopen?.();
    expect(last().sent).toEqual([{ type: "hello", epoch: "e", seq: 7 }]);
  });
});
