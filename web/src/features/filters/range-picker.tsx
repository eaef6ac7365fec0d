/** The time range: presets, or two instants in the time zone chosen. */
import { useState, type FormEvent } from "react";

import { useSettings } from "../../i18n";
import { formatInstant, fromInput, toInput, zoneLabel } from "../../i18n/format";
import { boundsOf, fromPreset, instantOf, presetOf, PRESETS, type TimeRange } from "../../state/time-range";
import { Icon } from "../../ui/icon";
import { Popover, useOpen } from "../../ui/popover";

interface RangePickerProps {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
}

export function RangePicker({ range, onChange }: RangePickerProps) {
  const { m } = useSettings();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  const text = useRangeText(range);
  const pick = (next: TimeRange) => {
    close();
    onChange(next);
  };
  return (
    <>
      <button ref={anchor} type="button" className="button facet set range" aria-haspopup="dialog" aria-expanded={open} onClick={toggle}>
        <Icon name="clock" />
        <span className="visually-hidden">{m.range.label}</span>
        <span>{text}</span>
        <Icon name="down" size={12} />
      </button>
      {open && (
        <Popover anchor={anchor} onClose={close} label={m.range.label}>
          <div className="range-picker">
            <ul>
              {PRESETS.map((preset) => (
                <li key={preset}>
                  <button
                    type="button"
                    className="menu-item"
                    aria-pressed={presetOf(range) === preset}
                    data-autofocus={presetOf(range) === preset ? "" : undefined}
                    onClick={() => pick(fromPreset(preset))}
                  >
                    {m.range.presets[preset]}
                  </button>
                </li>
              ))}
            </ul>
            <AbsoluteRange range={range} onApply={pick} />
          </div>
        </Popover>
      )}
    </>
  );
}

function AbsoluteRange({ range, onApply }: { range: TimeRange; onApply: (range: TimeRange) => void }) {
  const { m, zone } = useSettings();
  const bounds = boundsOf(range, Date.now());
  const [from, setFrom] = useState(toInput(bounds.since ?? bounds.until - 7 * 86400e3, zone));
  const [to, setTo] = useState(toInput(bounds.until, zone));
  const since = fromInput(from, zone);
  const until = fromInput(to, zone);
  const valid = since !== null && until !== null && since < until;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid) onApply({ since, until });
  };
  return (
    <form onSubmit={submit}>
      <h3>{m.range.absolute}</h3>
      <label>
        {m.range.from}
        <input className="input" type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
      </label>
      <label>
        {m.range.to}
        <input className="input" type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
      </label>
      <p className="none">{valid ? zoneLabel(zone, m) : m.range.invalid}</p>
      <button type="submit" className="button primary" disabled={!valid}>
        {m.range.apply}
      </button>
    </form>
  );
}

/** `Last 7 days`, or both ends in the zone. */
export function useRangeText(range: TimeRange): string {
  const { m, zone } = useSettings();
  const preset = presetOf(range);
  if (preset) return m.range.presets[preset];
  const bound = (text: string) => {
    const instant = /^-|^now$/.test(text) ? null : instantOf(text, 0);
    return instant === null ? text : formatInstant(instant, zone, instant % 60_000 === 0 ? "minute" : "second");
  };
  const from = range.since === null ? m.range.beginning : bound(range.since);
  if (range.until === null) return m.range.custom(from);
  const to = bound(range.until);
  const [day = "", time] = to.split(" ");
  return `${from} – ${time !== undefined && from.startsWith(`${day} `) ? time : to}`;
}
