/** Starts the page. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/form.css";
import "./ui/virtual-grid.css";
import "./features/shell/shell.css";
import "./features/filters/filters.css";
import "./features/dashboards/dashboards.css";
import "./features/charts/charts.css";
import "./features/map/map.css";
import "./features/results/results.css";
import "./features/event/event.css";
import "./features/search/search.css";
import "./features/alerts/alerts.css";
import "./features/rules/rules.css";
import "./features/sources/sources.css";
import "./features/start/start.css";
import { App } from "./app";
import { applyTheme, readStored, SettingsProvider } from "./i18n";
import { ToastProvider } from "./ui/toast";

// Before the first paint, so that nobody is dazzled.
applyTheme(readStored().theme ?? "system");

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SettingsProvider>
        <ToastProvider>
          <App />
        </ToastProvider>
      </SettingsProvider>
    </StrictMode>,
  );
}
