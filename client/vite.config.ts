import react from "@vitejs/plugin-react";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = join(here, "../src/unisono/web/client");

/** Lays a `.gz` beside every file that shrinks, so that the server only has to send it. */
function precompress(): Plugin {
  const walk = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
  return {
    name: "precompress",
    apply: "build",
    closeBundle() {
      for (const path of walk(out).filter((p) => /\.(js|css|html|svg|json|webmanifest)$/.test(p))) {
        const packed = gzipSync(readFileSync(path), { level: 9 });
        if (packed.length < statSync(path).size) writeFileSync(`${path}.gz`, packed);
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@core": join(here, "src/core"), "@ui": join(here, "src/ui"), "@features": join(here, "src/features") } },
  // The server puts a fresh nonce in place of this word, for the styles that Mantine writes at run time.
  html: { cspNonce: "__CSP_NONCE__" },
  build: { outDir: out, emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": { target: process.env.UNISONO_SERVER ?? "http://127.0.0.1:7224", ws: true } } },
  test: { environment: "node", include: ["tests/**/*.test.{ts,tsx}"] },
});
