/** The name under which a contact written by hand is shown. */
interface Names {
  first_name?: string;
  last_name?: string;
  company?: string;
}

const made = (names: Names) => [names.first_name, names.last_name].filter(Boolean).join(" ") || (names.company ?? "");

/** What the names make; a name that others gave it ("Dr Rossi, mornings only") stays until what it names is changed. */
export function shownName(names: Names, before?: Names & { display_name: string }): string {
  return before && made(names) === made(before) ? before.display_name : made(names);
}
