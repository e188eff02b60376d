import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const client = join(import.meta.dirname, "..");
const source = join(client, "src");

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const code = files(source).filter((path) => /\.tsx?$/.test(path)).map((path) => ({ path: relative(source, path), text: readFileSync(path, "utf8") }));
const imports = (text: string): string[] => [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
const layer = (path: string): string => path.split("/")[0] ?? "";

/** Where an import leads, as a path below src; null for packages. */
function target(from: string, name: string): string | null {
  if (name.startsWith("@core/")) return name.replace("@core", "core");
  if (name.startsWith("@ui/")) return name.replace("@ui", "ui");
  if (name.startsWith("@features/")) return name.replace("@features", "features");
  if (name.startsWith(".")) return relative(source, join(source, from, "..", name));
  return null;
}

it("imports in one direction: app, features, ui, core", () => {
  const below: Record<string, string[]> = { "main.tsx": ["app", "core", "ui"], app: ["app", "features", "ui", "core"], features: ["features", "ui", "core"], ui: ["ui", "core"], core: ["core"] };
  const wrong = code.flatMap(({ path, text }) =>
    imports(text).map((name) => target(path, name)).filter((to): to is string => to !== null && !below[layer(path)]?.includes(layer(to))).map((to) => `${path} -> ${to}`));
  expect(wrong).toEqual([]);
});

it("keeps features apart", () => {
  const wrong = code.filter(({ path }) => layer(path) === "features").flatMap(({ path, text }) =>
    imports(text).map((name) => target(path, name)).filter((to): to is string => to !== null && layer(to) === "features" && to.split("/")[1] !== path.split("/")[1]).map((to) => `${path} -> ${to}`));
  expect(wrong).toEqual([]);
});

it("imports in no circle", () => {
  const known = new Map(code.map(({ path, text }) => [path, text]));
  const fileOf = (to: string): string | undefined => [to, `${to}.ts`, `${to}.tsx`, `${to}/index.ts`, `${to}/index.tsx`].find((path) => known.has(path));
  const below = new Map(code.map(({ path, text }) => [path, imports(text).map((name) => target(path, name)).map((to) => to !== null && fileOf(to)).filter((to): to is string => Boolean(to))]));
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, above: readonly string[]) => {
    if (above.includes(path)) circles.push([...above.slice(above.indexOf(path)), path].join(" -> "));
    else if (!done.has(path)) {
      for (const next of below.get(path) ?? []) walk(next, [...above, path]);
      done.add(path);
    }
  };
  for (const path of below.keys()) walk(path, []);
  expect(circles).toEqual([]);
});

it("keeps React out of the core", () => {
  const wrong = code.filter(({ path, text }) => layer(path) === "core" && imports(text).some((name) => /^(react|@mantine|@tanstack)/.test(name)));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it("keeps files small", () => {
  const generated = "core/api/generated.ts";
  const long = code.filter(({ path, text }) => path !== generated && text.split("\n").length > 350).map(({ path }) => path);
  expect(long).toEqual([]);
});

it("pins versions and names no registry", () => {
  const manifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8")) as Record<string, Record<string, string>>;
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(readFileSync(join(client, "package-lock.json"), "utf8")).not.toContain('"resolved"');
});
