/** The wire types under the names the page uses; their shapes are generated from the server's OpenAPI document. */
import type { components } from "./types.gen";

export type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Diagnostic = Schemas["Diagnostic"];
export type ApiErrorBody = Schemas["ErrorBody"];
export type Filter = Schemas["Filter"];
export type QueryRequest = Schemas["QueryRequest"];
export type QueryMeta = Schemas["QueryMeta"];
export type QueryEnd = Schemas["QueryEnd"];
export type Column = Schemas["Column"];
export type Explanation = Schemas["Explanation"];
export type DashboardSummary = Schemas["DashboardSummary"];
export type DashboardProblem = Schemas["DashboardProblem"];
export type EventRecord = Schemas["EventRecord"];
export type FieldEntry = Schemas["FieldEntry"];
export type LanguageEntry = Schemas["LanguageEntry"];
export type LogTypeEntry = Schemas["LogTypeEntry"];
export type Status = Schemas["Status"];

/** A value of a result: times arrive as ISO 8601 text, multivalue fields as arrays. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Row = Record<string, Value>;

export type { DashboardFile } from "../features/dashboards/file";
