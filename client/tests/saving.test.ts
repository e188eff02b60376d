import { onTop } from "@core/diff";
import { overtaken, savedOnTop } from "@core/saving";
import { Http } from "@core/api/http";
import { ldapRoutes } from "@core/api/ldap-routes";
import { Problem } from "@core/api/problem";
import { expect, it } from "vitest";

interface Thing {
  name: string;
  books: string[];
  etag: string;
}

const CHANGED = () => new Problem("changed-since", "", 412, "user", "never");
const SEEN: Thing = { name: "A", books: ["crm"], etag: "1" };
const MINE: Thing = { ...SEEN, name: "B" };

/** A server on which somebody else saves each of these just before we do. */
function office(others: (Partial<Thing> | null)[]) {
  let stored: Thing | undefined = SEEN;
  const sent: string[] = [];
  const asked: string[] = [];
  const saving = savedOnTop(SEEN, {
    merged: (now: Thing | undefined) => onTop(SEEN, MINE, now),
    put: async (body, etag) => {
      const other = others.shift();
      if (other === null) stored = undefined;
      else if (other) stored = { ...SEEN, ...stored, ...other };
      sent.push(etag);
      if (!stored) throw new Problem("unknown-thing", "", 404, "user", "never");
      if (etag !== stored.etag) throw CHANGED();
      return { ...body, etag: "saved" };
    },
    load: async () => {
      asked.push("list");
      return stored;
    },
  });
  return { saving, sent, asked };
}

it("asks nothing before it saves what was seen", async () => {
  const { saving, sent, asked } = office([]);
  expect((await saving).saved).toEqual({ name: "B", books: ["crm"], etag: "saved" });
  expect([sent, asked]).toEqual([["1"], []]);
});

it("saves on top of what somebody else has saved meanwhile, again and again", async () => {
  const { saving, sent, asked } = office([{ books: ["own"], etag: "2" }, { books: [], etag: "3" }]);
  const done = await saving;
  expect([done.saved.name, done.saved.books, done.stored.etag]).toEqual(["B", [], "3"]);
  expect([sent, asked]).toEqual([["1", "2", "3"], ["list", "list"]]);
});

it("says what somebody else has changed of the same, and whether it was removed", async () => {
  const refused = await office([{ name: "C", etag: "2" }]).saving.catch((error: unknown) => error as Problem);
  expect(refused).toMatchObject({ code: "changed-meanwhile", data: { theirs: [{ key: "name", before: "A", after: "C" }] } });
  expect(overtaken(refused as Problem)).toBe(true);
  await expect(office([null]).saving).rejects.toThrow("removed-meanwhile");
});

it("gives up where somebody else is faster every time", async () => {
  const { saving, sent } = office(Array.from({ length: 99 }, (_, at) => ({ etag: `other ${at}` })));
  const refused = await saving.catch((error: unknown) => error as Problem);
  expect(refused).toMatchObject({ code: "changed-since", status: 412 });
  expect(overtaken(refused as Problem)).toBe(true);
  expect(sent).toHaveLength(5);
});

it("does not send again what is refused for another reason", async () => {
  const put = async () => { throw new Problem("name-missing", "", 422, "user", "never"); };
  const load = async () => { throw new Error("nobody asks"); };
  await expect(savedOnTop(SEEN, { merged: () => MINE, put, load })).rejects.toThrow("name-missing");
});

it("sends the tag, makes new things only where there are none, and takes another id where there is one", async () => {
  const sent: [string, string, string | undefined][] = [];
  const taken = new Set(["phones"]);
  const answer = async (url: string | URL | Request, init?: RequestInit) => {
    const headers = init?.headers as Record<string, string>;
    const id = String(url).split("/").pop() ?? "";
    sent.push([init?.method ?? "", id, headers["If-Match"] ?? headers["If-None-Match"]]);
    if (headers["If-None-Match"] && taken.has(id)) return new Response(JSON.stringify({ code: "there-already" }), { status: 412 });
    return new Response(init?.method === "DELETE" ? null : JSON.stringify({ id, items: [] }), { status: init?.method === "DELETE" ? 204 : 200 });
  };
  const { profiles } = ldapRoutes(new Http({ fetch: answer as typeof fetch }));
  const made = await profiles.create({ name: "Phones" });
  expect(made.id).toMatch(/^phones-....$/);
  await profiles.replace("a", { name: "A" }, '"1"');
  await profiles.remove("a", '"2"');
  expect(sent).toEqual([["PUT", "phones", "*"], ["PUT", made.id, "*"], ["PUT", "a", '"1"'], ["DELETE", "a", '"2"']]);
});
