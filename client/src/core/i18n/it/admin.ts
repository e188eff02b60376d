export const admin = {
  "admin.nav.status": "Stato",
  "admin.nav.people": "Persone",
  "admin.nav.groups": "Gruppi",
  "admin.nav.lines": "Linee",
  "admin.nav.locations": "Sedi e numeri",
  "admin.nav.connectors": "Connettori",
  "admin.nav.import": "Importa contatti",
} as const;
