/** Language, time zone and colours. */
import { useSettings, type Language, type Theme, type Zone } from "../../i18n";
import { en } from "../../i18n/en";
import { ja } from "../../i18n/ja";

export function SettingsMenu() {
  const { m, language, zone, theme, setLanguage, setZone, setTheme } = useSettings();
  return (
    <div className="settings">
      <label>
        <span>{m.settings.language}</span>
        <select className="select" value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
          <option value="en" lang="en">
            {en.languageName}
          </option>
          <option value="ja" lang="ja">
            {ja.languageName}
          </option>
        </select>
      </label>
      <label>
        <span>{m.settings.timeZone}</span>
        <select className="select" value={zone} onChange={(event) => setZone(event.target.value as Zone)}>
          <option value="utc">{m.settings.tzUtc}</option>
          <option value="local">{m.settings.tzLocal}</option>
          <option value="jst">{m.settings.tzJst}</option>
        </select>
      </label>
      <label>
        <span>{m.settings.theme}</span>
        <select className="select" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          <option value="system">{m.settings.themeSystem}</option>
          <option value="light">{m.settings.themeLight}</option>
          <option value="dark">{m.settings.themeDark}</option>
        </select>
      </label>
    </div>
  );
}
