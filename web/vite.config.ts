import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { geoDatabases } from "./build/geo-databases.ts";
import { licences } from "./build/licences.ts";

/** In development the page comes from Vite and the data from a running `trailhound`. */
const server = process.env["TRAILHOUND_URL"] ?? "http://127.0.0.1:8674";

export default defineConfig({
  plugins: [react(), geoDatabases(), licences()],
  server: { proxy: { "/api": server } },
  build: {
    target: "es2022",
    sourcemap: false,
    // Everything stays a file of its own: the served policy forbids data: scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
