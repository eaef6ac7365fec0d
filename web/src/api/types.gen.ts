// Made from openapi.json by `npm run types`; not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A result column. */
        Column: {
            /** @description Its name. */
            name: string;
            /** @description `text`, `int`, `float`, `bool`, `time` or `list`. */
            type: string;
        };
        /** @description A command or function of a language. */
        CommandEntry: {
            /** @description A whole query that uses it; empty where there is none. */
            example?: string;
            /** @description What it does. */
            help: string;
            /** @description Its name. */
            name: string;
            /** @description How it is written. */
            syntax: string;
        };
        /** @description A dashboard as listed. */
        DashboardSummary: {
            /** @description What it is for. */
            description: components["schemas"]["Text"];
            /** @description Its id, for its address. */
            id: string;
            /**
             * Format: int64
             * @description Its place in the list.
             */
            order: number;
            /** @description Its title. */
            title: components["schemas"]["Text"];
        };
        /** @description A finding about a query's text. */
        Diagnostic: {
            /** @description Stable identifier. */
            code: string;
            /** @description What to do instead. */
            help?: string | null;
            /** @description One sentence. */
            message: string;
            /** @description Error or warning. */
            severity: components["schemas"]["Severity"];
            /** @description Where. */
            span: components["schemas"]["Span"];
            /** @description Text that would replace the span. */
            suggestion?: string | null;
        };
        /** @description The body of every answer that is an error. */
        ErrorAnswer: {
            /** @description What went wrong. */
            error: components["schemas"]["ErrorBody"];
        };
        /** @description What went wrong. */
        ErrorBody: {
            /** @description Stable identifier. */
            code: string;
            /** @description Where in the query, if it was the query. */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description One sentence. */
            message: string;
        };
        /** @description One stored event. */
        EventRecord: {
            /** @description Every column that is not null. */
            columns: {
                [key: string]: unknown;
            };
            /** @description The record, byte for byte. */
            raw: string;
        };
        /** @description A query's way through the engine. */
        Explanation: {
            /** @description The language's own tree. */
            ast: unknown;
            /** @description Warnings. */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description The pipeline, an operator a line; for SQL the normalised statement. */
            ir: string;
            /** @description The language that the query was read in. */
            language: string;
            /** @description The optimised plan. */
            plan: string;
            translation?: null | components["schemas"]["Translation"];
        };
        /** @description A field: what it means and what the languages call it. */
        FieldEntry: {
            /** @description The field in the log's own documentation: a path in a CloudTrail record, a field of a flow log. */
            cloudtrail?: string | null;
            /** @description The stored column; none for paths that are read from the record. */
            column?: string | null;
            /** @description The field of the view `all` that it fills. */
            common?: string | null;
            /** @description Elastic Common Schema. */
            ecs?: string | null;
            /** @description What it means. */
            meaning: components["schemas"]["Text"];
            /** @description Open Cybersecurity Schema Framework. */
            ocsf?: string | null;
            /** @description Names in Splunk, of the add-on and the information model. */
            splunk?: string[];
            /** @description Name in Sumo Logic. */
            sumo?: string | null;
            /** @description The log type's table, or `all` for the view across them. */
            table?: string;
            /** @description `text`, `int`, `float`, `bool`, `time` or `list`. */
            type: string;
        };
        /** @description A condition of the filter bar, on what the query scans. */
        Filter: {
            /** @description Any name of the field catalogue, or a dotted path into the record. */
            field: string;
            /** @description `is` or `is_not`. */
            op: components["schemas"]["FilterOp"];
            /** @description At least one value; `*` is a wildcard. */
            values: string[];
        };
        /**
         * @description How a filter compares.
         * @enum {string}
         */
        FilterOp: "is" | "is_not";
        /** @description A location data base. */
        GeoDatabase: {
            /** @description When it was made, or its version. */
            date: string;
            /** @description Its licence and who to thank. */
            licence: string;
        };
        /** @description The location data bases in use. */
        GeoStatus: {
            asn?: null | components["schemas"]["GeoDatabase"];
            city?: null | components["schemas"]["GeoDatabase"];
            country?: null | components["schemas"]["GeoDatabase"];
        };
        /**
         * @description Whether rows are events.
         * @enum {string}
         */
        Kind: "events" | "rows";
        /** @description A query language. */
        LanguageEntry: {
            /** @description Its commands. */
            commands: components["schemas"]["CommandEntry"][];
            /** @description Modifiers, keywords and forms of its grammar. */
            forms?: components["schemas"]["CommandEntry"][];
            /** @description Its functions, aggregates among them. */
            functions: components["schemas"]["CommandEntry"][];
            /** @description For `lang`. */
            id: string;
            /** @description As people call it. */
            name: string;
        };
        /** @description A kind of log. */
        LogTypeEntry: {
            /** @description What it records, and where to switch it on. */
            about: components["schemas"]["Text"];
            /** @description Its table. */
            id: string;
            /** @description Index patterns of OpenSearch that mean it. */
            indices: string[];
            /** @description Sourcetypes of Splunk's add-on that mean it. */
            sourcetypes: string[];
            /** @description Tables of Athena and CloudTrail Lake that mean it. */
            sql_tables: string[];
            /** @description As AWS calls it. */
            title: components["schemas"]["Text"];
        };
        /** @description The last line of an answer with `meta`, under the key `_end`. */
        QueryEnd: {
            /**
             * Format: int64
             * @description Time from the request to this line.
             */
            elapsed_ms: number;
            /**
             * Format: int64
             * @description Rows sent.
             */
            rows: number;
            /**
             * Format: int64
             * @description Stored bytes of the files read.
             */
            scanned_bytes: number;
            /**
             * Format: int64
             * @description Rows of the files read.
             */
            scanned_rows: number;
            /** @description True where there were more rows than the limit. */
            truncated: boolean;
        };
        /** @description The first line of an answer with `meta`, under the key `_meta`. */
        QueryMeta: {
            /** @description Columns, in order. */
            columns: components["schemas"]["Column"][];
            /** @description Warnings. */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description Events or rows. */
            kind: components["schemas"]["Kind"];
            /** @description The language that the query was read in. */
            language: string;
        };
        /** @description A query to run or explain. */
        QueryRequest: {
            /** @description Conditions beside the query. */
            filters?: components["schemas"]["Filter"][];
            /**
             * @description `auto`, or a language's id.
             * @default auto
             */
            lang: string;
            /**
             * Format: int64
             * @description Most rows returned.
             */
            limit?: number | null;
            /** @description Whether the rows are framed by a `_meta` and an `_end` line. */
            meta?: boolean;
            /** @description The text. */
            query: string;
            /** @description Events at or after it: ISO 8601, or relative to now such as `-7d`. Bounds in the query itself win. */
            since?: string | null;
            /**
             * Format: int32
             * @description Count the query's events for each stretch of so many seconds instead of listing them, a column an outcome. Without
             *     effect on a query whose rows are no events.
             */
            timeline?: number | null;
            /** @description A language in which `explain` also writes the query. */
            to?: string | null;
            /** @description Events before it. */
            until?: string | null;
        };
        /** @description How busy the server is. */
        QueueStatus: {
            /** @description Queries running. */
            running: number;
            /** @description Queries waiting for their turn. */
            waiting: number;
        };
        /** @description Who asks, and whether anybody has to say so. */
        Session: {
            /** @description True where this request carried a session or a token that is good. */
            authenticated: boolean;
            /** @description To be sent as `X-CSRF-Token` with every request of this session that is not a GET. */
            csrf?: string | null;
            /** @description False on a server that needs no sign-in. */
            sign_in_required: boolean;
            user?: null | components["schemas"]["SessionUser"];
        };
        /** @description A user as the page shows one. */
        SessionUser: {
            /** @description The name. */
            name: string;
        };
        /**
         * @description How bad a finding is.
         * @enum {string}
         */
        Severity: "error" | "warning";
        /** @description A sign-in. */
        SignIn: {
            /** @description The user's name. */
            name: string;
            /** @description The user's password. */
            password: string;
        };
        /** @description Characters of a query, as byte offsets into its UTF-8 text. */
        Span: {
            /** @description One past the last byte. */
            end: number;
            /** @description First byte. */
            start: number;
        };
        /** @description The server at a glance. */
        Status: {
            /** @description The location data. */
            geo: components["schemas"]["GeoStatus"];
            /** @description Where the lake is. */
            lake: string;
            /** @description Queries now. */
            queries: components["schemas"]["QueueStatus"];
            /** @description Whether everybody has to sign in. */
            sign_in_required: boolean;
            /** @description When it was started, ISO 8601. */
            started_at: string;
            /** @description Its tables. */
            tables: components["schemas"]["TableStatus"][];
            /**
             * Format: int64
             * @description Seconds since.
             */
            uptime_seconds: number;
            /** @description The program's version. */
            version: string;
        };
        /** @description What a table holds. */
        TableStatus: {
            /**
             * Format: int64
             * @description Bytes of the active files.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Active files.
             */
            files: number;
            /** @description Its name. */
            name: string;
            /** @description Time of the newest event, ISO 8601. */
            newest?: string | null;
            /** @description Time of the oldest event, ISO 8601. */
            oldest?: string | null;
            /**
             * Format: int64
             * @description Rows.
             */
            rows: number;
        };
        /** @description Text in the page's languages. */
        Text: {
            /** @description English. */
            en: string;
            /** @description Japanese. */
            ja: string;
        };
        /** @description A token as listed. */
        Token: {
            /** @description When it was made, ISO 8601. */
            created_at: string;
            /** @description When it expires, ISO 8601. */
            expires_at?: string | null;
            /** @description Its id. */
            id: string;
            /** @description When it was last used, to the minute, ISO 8601. */
            last_used_at?: string | null;
            /** @description What it is for. */
            name: string;
        };
        /** @description A token that was made. */
        TokenCreated: {
            /** @description When it expires, ISO 8601. */
            expires_at?: string | null;
            /** @description Its id, for deletion. */
            id: string;
            /** @description What it is for. */
            name: string;
            /** @description The token. It is shown this once. */
            token: string;
        };
        /** @description A token to make. */
        TokenRequest: {
            /**
             * Format: int32
             * @description Days until it expires; without, it does not.
             */
            expires_in_days?: number | null;
            /** @description What it is for. */
            name: string;
        };
        /** @description A query in another language. */
        Translation: {
            /** @description The language. */
            language: string;
            /** @description In what the text differs from the query. */
            notes: string[];
            /** @description Why there is no text. */
            reason?: string | null;
            /** @description The text; absent where the query can't be said there. */
            text?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
