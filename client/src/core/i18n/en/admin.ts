export const admin = {
  "admin.nav.status": "Status",
  "admin.nav.people": "People",
  "admin.nav.groups": "Groups",
  "admin.nav.lines": "Lines",
  "admin.nav.locations": "Number locations",
  "admin.nav.connectors": "Connectors",
  "admin.nav.import": "Import contacts",
} as const;
