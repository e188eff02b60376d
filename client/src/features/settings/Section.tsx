/** A titled part of the settings page. */
import type { ReactNode } from "react";

export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className="card settings-section">
      <div><h2>{title}</h2>{text && <p className="muted">{text}</p>}</div>
      <div className="stack" style={{ gap: 16 }}>{children}</div>
    </section>
  );
}
