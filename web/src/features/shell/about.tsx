/** What this instance is: version, lake, tables, location data. In short at the foot, in full in a dialog. */
import { useState } from "react";

import type { Status } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatBytes, formatCompact, formatInstant, formatNumber } from "../../i18n/format";
import { Dialog } from "../../ui/dialog";
import { useStatus } from "../query/catalogue";

export function About() {
  const { m, language } = useSettings();
  const { value: status } = useStatus();
  const [open, setOpen] = useState(false);
  if (!status) return null;
  const { country, asn } = status.geo;
  return (
    <footer className="about-line">
      <p>{m.footer.version(status.version)}</p>
      <p>{country ? m.footer.geo(country.date, country.licence) : m.footer.noGeo}</p>
      {asn && (
        <p>
          {m.footer.systems(asn.date, asn.licence)}
          {asn.licence.includes("DB-IP") && <DbIp />}
        </p>
      )}
      <ul>
        {status.tables.map(({ name, rows }) => (
          <li key={name}>{m.footer.rows(name, formatCompact(rows, language))}</li>
        ))}
      </ul>
      <button type="button" className="link-button" onClick={() => setOpen(true)}>
        {m.nav.about}
      </button>
      {open && <AboutDialog status={status} onClose={() => setOpen(false)} />}
    </footer>
  );
}

/** The link that DB-IP's licence asks for wherever its data shows. */
function DbIp() {
  const { m } = useSettings();
  return (
    <>
      {" · "}
      <a href="https://db-ip.com" target="_blank" rel="noreferrer">
        {m.footer.dbIp}
      </a>
    </>
  );
}

function AboutDialog({ status, onClose }: { status: Status; onClose: () => void }) {
  const { m, zone, language } = useSettings();
  const instant = (text: string | null | undefined) => (text ? formatInstant(text, zone) : "–");
  const database = (found: { date: string; licence: string } | null | undefined) =>
    found ? `${found.date} (${found.licence})` : m.footer.none;
  return (
    <Dialog title={m.footer.aboutTitle} closeLabel={m.panel.close} onClose={onClose}>
      <dl className="facts">
        <div>
          <dt>Trailhound</dt>
          <dd>{status.version}</dd>
        </div>
        <div>
          <dt>{m.footer.lake}</dt>
          <dd className="mono">{status.lake}</dd>
        </div>
        <div>
          <dt>{m.footer.country}</dt>
          <dd>{database(status.geo.country)}</dd>
        </div>
        <div>
          <dt>{m.footer.city}</dt>
          <dd>{database(status.geo.city)}</dd>
        </div>
        <div>
          <dt>{m.footer.asn}</dt>
          <dd>{database(status.geo.asn)}</dd>
        </div>
      </dl>
      <div className="table-scroll">
        <table className="grid">
          <thead>
            <tr>
              {[m.footer.tables, m.footer.events, m.footer.files, m.footer.size, m.footer.oldest, m.footer.newest].map((heading, index) => (
                <th key={heading} scope="col" className={index > 0 && index < 4 ? "number" : ""}>
                  <span>{heading}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {status.tables.map((table) => (
              <tr key={table.name}>
                <th scope="row" className="mono">
                  {table.name}
                </th>
                <td className="number">{formatNumber(table.rows, language)}</td>
                <td className="number">{formatNumber(table.files, language)}</td>
                <td className="number">{formatBytes(table.bytes, language)}</td>
                <td>{instant(table.oldest)}</td>
                <td>{instant(table.newest)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="none">
        {m.footer.map} ·{" "}
        <a href="/licences.txt" target="_blank" rel="noreferrer">
          {m.footer.licences}
        </a>
      </p>
    </Dialog>
  );
}
