/** Countries by code: their names as data sets spell them, and where to put a marker when only the country is known. */
import type { Language } from "../../i18n";

export type CountryCode = string;

/** Longitude and latitude in degrees. */
export type Point = [number, number];

/** ISO 3166-1 alpha-2, and XK as commonly used for Kosovo. */
const CODES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK".split(
    " ",
  );

/** Spellings that differ from the browser's own: the map's abbreviations, ISO's formal names, everyday ones. */
const ALIASES: Record<string, CountryCode> = {
  "w sahara": "EH",
  "united states of america": "US",
  usa: "US",
  "dem rep congo": "CD",
  "congo the democratic republic of the": "CD",
  "democratic republic of the congo": "CD",
  "dr congo": "CD",
  "dominican rep": "DO",
  "falkland is": "FK",
  "fr s antarctic lands": "TF",
  "cote divoire": "CI",
  "ivory coast": "CI",
  "central african rep": "CF",
  congo: "CG",
  "congo republic": "CG",
  "republic of the congo": "CG",
  "eq guinea": "GQ",
  palestine: "PS",
  "palestine state of": "PS",
  "state of palestine": "PS",
  myanmar: "MM",
  burma: "MM",
  turkey: "TR",
  turkiye: "TR",
  "solomon is": "SB",
  "n cyprus": "CY",
  somaliland: "SO",
  "bosnia and herz": "BA",
  macedonia: "MK",
  "s sudan": "SS",
  "hong kong": "HK",
  macao: "MO",
  macau: "MO",
  "russian federation": "RU",
  "korea republic of": "KR",
  "republic of korea": "KR",
  "korea democratic peoples republic of": "KP",
  "iran islamic republic of": "IR",
  "syrian arab republic": "SY",
  "viet nam": "VN",
  "lao peoples democratic republic": "LA",
  "taiwan province of china": "TW",
  "tanzania united republic of": "TZ",
  "venezuela bolivarian republic of": "VE",
  "bolivia plurinational state of": "BO",
  "moldova republic of": "MD",
  "republic of moldova": "MD",
  "czech republic": "CZ",
  "cabo verde": "CV",
  swaziland: "SZ",
  "micronesia federated states of": "FM",
  "brunei darussalam": "BN",
  "holy see": "VA",
  "great britain": "GB",
  "united kingdom of great britain and northern ireland": "GB",
  "the netherlands": "NL",
  "kingdom of the netherlands": "NL",
  "east timor": "TL",
  "virgin islands us": "VI",
  "virgin islands british": "VG",
  "reunion island": "RE",
};

/** States and territories too small for the map's scale. */
const SMALL: Record<CountryCode, Point> = {
  AD: [1.6, 42.55],
  AG: [-61.8, 17.08],
  AI: [-63.05, 18.22],
  AS: [-170.7, -14.3],
  AW: [-69.97, 12.51],
  AX: [20, 60.2],
  BB: [-59.55, 13.18],
  BH: [50.55, 26.05],
  BL: [-62.83, 17.9],
  BM: [-64.75, 32.3],
  BQ: [-68.27, 12.18],
  CC: [96.87, -12.16],
  CK: [-159.78, -21.23],
  CV: [-23.6, 15.1],
  CW: [-68.98, 12.17],
  CX: [105.65, -10.48],
  DM: [-61.36, 15.43],
  FM: [158.2, 6.9],
  FO: [-6.9, 62],
  GD: [-61.68, 12.12],
  GF: [-53.1, 3.95],
  GG: [-2.58, 49.46],
  GI: [-5.35, 36.13],
  GP: [-61.58, 16.25],
  GU: [144.79, 13.44],
  HK: [114.17, 22.32],
  IM: [-4.55, 54.23],
  IO: [72.43, -7.32],
  JE: [-2.13, 49.21],
  KI: [173.03, 1.42],
  KM: [43.33, -11.7],
  KN: [-62.75, 17.3],
  KY: [-81.25, 19.32],
  LC: [-60.98, 13.9],
  LI: [9.53, 47.15],
  MC: [7.42, 43.74],
  MF: [-63.06, 18.08],
  MH: [171.2, 7.1],
  MO: [113.55, 22.19],
  MP: [145.75, 15.2],
  MQ: [-61.02, 14.64],
  MS: [-62.19, 16.74],
  MT: [14.42, 35.9],
  MU: [57.55, -20.28],
  MV: [73.5, 4.18],
  NF: [167.95, -29.03],
  NR: [166.93, -0.53],
  NU: [-169.87, -19.05],
  PF: [-149.45, -17.65],
  PM: [-56.33, 46.9],
  PW: [134.55, 7.5],
  RE: [55.53, -21.12],
  SC: [55.45, -4.68],
  SG: [103.82, 1.35],
  SH: [-5.72, -15.97],
  SJ: [16, 78.5],
  SM: [12.46, 43.94],
  ST: [6.61, 0.23],
  SX: [-63.05, 18.04],
  TC: [-71.8, 21.79],
  TK: [-171.85, -9.2],
  TO: [-175.2, -21.18],
  TV: [179.2, -8.52],
  VA: [12.45, 41.9],
  VC: [-61.2, 13.25],
  VG: [-64.63, 18.43],
  VI: [-64.8, 18.05],
  WF: [-177.15, -13.3],
  WS: [-172.1, -13.76],
  YT: [45.15, -12.83],
};

/** Where the middle of the largest piece of land is not where one would look for the country. */
const BETTER: Record<CountryCode, Point> = { US: [-98.5, 39.5], FR: [2.5, 46.6], NO: [9, 61.2], CA: [-101, 57] };

const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
const byName = new Map<string, CountryCode>(CODES.map((code) => [normalise(names.of(code) ?? code), code]));

function normalise(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}|\(.*?\)/gu, "")
    .toLowerCase()
    .replaceAll("&", "and")
    .replace(/^saint /, "st ")
    .replace(/[.'’,-]/g, (character) => (character === "-" ? " " : ""))
    .replace(/\s+/g, " ")
    .trim();
}

/** The country that a code or an English name stands for. */
export function countryOf(text: string): CountryCode | null {
  if (/^[A-Z]{2}$/.test(text)) return CODES.includes(text) ? text : null;
  const name = normalise(text);
  return byName.get(name) ?? ALIASES[name] ?? null;
}

const localNames: Record<Language, Intl.DisplayNames> = {
  en: names,
  ja: new Intl.DisplayNames(["ja"], { type: "region", fallback: "none" }),
};

/** A country's name for the reader; what can't be recognised stays as it is. */
export function localCountry(text: string, language: Language): string {
  const code = countryOf(text);
  if (code === null) return text;
  return language === "en" && !/^[A-Z]{2}$/.test(text) ? text : (localNames[language].of(code) ?? text);
}

export function handPlaced(code: CountryCode): Point | null {
  return BETTER[code] ?? SMALL[code] ?? null;
}
