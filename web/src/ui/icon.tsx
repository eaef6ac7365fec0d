/** The page's icons: 16-unit outlines in the text's colour. */

const PATHS = {
  more: "M8 3.2v.01M8 8v.01M8 12.8v.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.3v3.6M8 5.1v.01",
  close: "m4 4 8 8m0-8-8 8",
  check: "m3.5 8.5 3 3 6-7",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  refresh: "M12.8 6.2A5.2 5.2 0 1 0 13 9.4M13 3v3.4H9.6",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  link: "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.1-2.1a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.6 8.7a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  left: "M10 4 6 8l4 4",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
  chart: "M2.5 13.5h11M4.5 11.5v-4M8 11.5v-8M11.5 11.5v-6",
  download: "M8 2.5v7m-3-2.6 3 3 3-3M3 13h10",
  upload: "M8 9.5v-7M5 5.1l3-3 3 3M3 13h10",
  pencil: "M3 13l.6-3L11 2.6l2.4 2.4L6 12.4zM9.4 4.2l2.4 2.4",
  bookmark: "M4.5 2.5h7v11L8 10.8l-3.5 2.7z",
  keyboard: "M1.8 4.5h12.4v7H1.8zM4.2 6.9v.01M6.7 6.9v.01M9.2 6.9v.01M11.7 6.9v.01M5.2 9.2h5.6",
  pulse: "M1.8 8h3l1.7-4.4 2.8 8.8L11.2 8h3",
  flag: "M4 14V2.5M4 3h8.5l-2 3 2 3H4",
  code: "m5.5 4.5-3.5 3.5 3.5 3.5m5-7 3.5 3.5-3.5 3.5",
  grid: "M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM8.9 8.9h4.6v4.6H8.9z",
  book: "M3 3.2c1.8-.6 3.4-.5 5 .5 1.6-1 3.2-1.1 5-.5v9.3c-1.8-.6-3.4-.5-5 .5-1.6-1-3.2-1.1-5-.5zM8 3.7v9.3",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
  filter: "M2.5 3.5h11L9.3 8.5v4.2l-2.6-1.2v-3z",
  open: "M9.5 2.5h4v4M13.3 2.7 7.5 8.5M11.5 9.5v4h-9v-9h4",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8Zm-5 5.5c.5-2.6 2.5-4 5-4s4.5 1.4 5 4",
  arrow: "M3 8h10m-3.5-3.5L13 8l-3.5 3.5",
  play: "M5 3.5v9l7-4.5z",
  bell: "M4 11.5V7.2a4 4 0 0 1 8 0v4.3l1 1H3zM6.8 14.2h2.4",
  shield: "M8 2 3.2 3.8v4C3.2 10.9 5 13 8 14.2c3-1.2 4.8-3.3 4.8-6.4v-4zM5.8 8l1.6 1.6 2.9-3.2",
  inbox: "M2.5 9.5v3.8h11V9.5M2.5 9.5l2-6.8h7l2 6.8M2.5 9.5h3.2l.8 1.6h3l.8-1.6h3.2",
  send: "M13.8 2.2 2 7l4.6 2 2 4.8zM6.6 9l7.2-6.8",
  seal: "M8 13.8a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6ZM5.4 8.2l1.8 1.8 3.5-3.8",
  swap: "M3 5.5h9.5M10 3l2.5 2.5L10 8M13 10.5H3.5M6 8l-2.5 2.5L6 13",
  pause: "M5.5 4v8M10.5 4v8",
  zoomOut: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14M4.8 7h4.4",
  stop: "M4.5 4.5h7v7h-7z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 14 }: { name: IconName; size?: number }) {
  const width = name === "more" ? 2.2 : 1.4;
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={width}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
