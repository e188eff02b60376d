"""Who may see and do what to whom: one table, one door (`guard`). Grants only ever add."""
