/** Where in a record something is wrong, as the server says it: `in_rules[0].search` is the first of the list `in_rules`. */
export interface Place {
  field: string;
  /** Which of a list, counted from 1; null: the whole field. */
  at: number | null;
}

export function placeOf(field: string): Place {
  const match = /^(\w+)(?:\[(\d+)\])?/.exec(field);
  return { field: match?.[1] ?? field, at: match?.[2] === undefined ? null : Number(match[2]) + 1 };
}
