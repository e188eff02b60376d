export const admin = {
  "admin.nav.status": "Zustand",
  "admin.nav.people": "Personen",
  "admin.nav.groups": "Gruppen",
  "admin.nav.lines": "Leitungen",
  "admin.nav.locations": "Standorte",
  "admin.nav.connectors": "Anbindungen",
  "admin.nav.import": "Kontakte einlesen",
} as const;
