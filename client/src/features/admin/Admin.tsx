import type { AdminPage } from "@core/router";
export default function Admin({ section }: { section: AdminPage }) { return <h1>{section}</h1>; }
