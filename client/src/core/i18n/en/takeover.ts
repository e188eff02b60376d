/** People taken over from a file. */
export const takeover = {
  "takeover.open": "From a file",
  "takeover.title": "People out of a file",
  "takeover.text": "A CSV file whose first row names the columns: login, name (or first and last name), e-mail, groups (with ; between them), line, mobile, position, department, password. Who has no password cannot sign in until you set one. Nothing is changed before you have seen it.",
  "takeover.drop": "Drop the file here",
  "takeover.other": "Choose another file",
  "takeover.add": { one: "Add {count} person", other: "Add {count} people" },
  "takeover.added": { one: "{count} person has been added.", other: "{count} people have been added." },
  "takeover.known": { one: "{count} is there already", other: "{count} are there already" },
  "takeover.bad": { one: "{count} row cannot be taken", other: "{count} rows cannot be taken" },
  "takeover.unused": "These columns are not used: {columns}.",
  "takeover.newGroups": "These groups are made: {groups}.",
  "takeover.verdict.new": "new",
  "takeover.verdict.known": "there already",
  "takeover.verdict.bad": "not possible",
  "takeover.row": "row {line}: {why}",
} as const;
