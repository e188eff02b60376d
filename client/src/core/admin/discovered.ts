/** Devices that telephone systems say they have: which are new, which are wanted, and what lines they become. Pure. */
import type { AdminLineInput, DiscoveredLine, Id } from "../api/types";
import { matchScore } from "../search/find";

export const keyOf = (line: Pick<DiscoveredLine, "connector" | "device">): string => JSON.stringify([line.connector, line.device]);

/** Those that are no lines yet, by number as people count. */
export function fresh(lines: readonly DiscoveredLine[]): DiscoveredLine[] {
  return lines.filter((line) => line.line_id === "").sort((a, b) => a.number.localeCompare(b.number, undefined, { numeric: true }));
}

export function matching(lines: readonly DiscoveredLine[], query: string, personName: (id: Id) => string): DiscoveredLine[] {
  if (!query.trim()) return [...lines];
  return lines.filter((line) => matchScore(query, [line.number, line.device, line.name, personName(line.user_id)].join(" ")) > 0);
}

/** The lines to add: of each wanted device, with the person chosen for it, or else the one proposed. */
export function wanted(lines: readonly DiscoveredLine[], chosen: ReadonlySet<string>, people: ReadonlyMap<string, Id>): AdminLineInput[] {
  return lines.filter((line) => chosen.has(keyOf(line))).map((line) => {
    const person = people.get(keyOf(line)) ?? line.user_id;
    return { connector: line.connector, device: line.device, number: line.number, name: line.name, user_ids: person ? [person] : [] };
  });
}
