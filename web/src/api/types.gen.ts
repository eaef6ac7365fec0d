// Made from openapi.json by `npm run types`; not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An alert: all findings of one rule with one key, from the first until it is closed. */
        Alert: {
            /** @description The account of the latest event. */
            account?: string | null;
            /** @description Who made the latest event. */
            actor?: string | null;
            /** @description ATT&CK tactics and techniques. */
            attack: string[];
            /** @description The country of that address, two letters. */
            country?: string | null;
            /** @description When it was opened. */
            created_at: string;
            /**
             * Format: int64
             * @description Events that raised it.
             */
            events: number;
            /** @description Time of the earliest event. */
            first_seen: string;
            /** @description Its key: the fields that the rule groups by. */
            group: components["schemas"]["GroupValue"][];
            /** @description Its id, for its address. */
            id: string;
            /** @description Time of the latest event. */
            last_seen: string;
            /** @description Whose it is: a user's name. */
            owner?: string | null;
            /** @description The region of the latest event. */
            region?: string | null;
            /** @description The rule. */
            rule_id: string;
            /** @description The rule's severity when the alert was opened. */
            severity: components["schemas"]["AlertSeverity"];
            /** @description Where the latest event came from. */
            source_address?: string | null;
            /** @description Where it is in its life. */
            status: components["schemas"]["AlertStatus"];
            /** @description The rule's title when the alert was opened. */
            title: components["schemas"]["Text"];
            /** @description When something last changed. */
            updated_at: string;
            verdict?: null | components["schemas"]["AlertVerdict"];
        };
        /** @description A change of an alert. What is absent stays. */
        AlertChange: {
            /** @description The owner; an empty text for nobody. */
            owner?: string | null;
            status?: null | components["schemas"]["AlertStatus"];
            verdict?: null | components["schemas"]["AlertVerdict"];
        };
        /** @description How many alerts match what was asked, on all pages. */
        AlertCounts: {
            /**
             * Format: int64
             * @description Acknowledged ones.
             */
            acknowledged: number;
            /** @description By rule, whatever rule was asked for. */
            by_rule: {
                [key: string]: number;
            };
            /** @description By severity, whatever severity was asked for. */
            by_severity: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Closed ones.
             */
            closed: number;
            /**
             * Format: int64
             * @description Open ones, whatever status and severity were asked for.
             */
            open: number;
            /** @description By the hour of their latest event, or by the day where they span more than a month. */
            over_time: components["schemas"]["AlertsAt"][];
        };
        /** @description One alert with all that is known of it. */
        AlertDetail: components["schemas"]["Alert"] & {
            /** @description Who is behind the actor, from the caller back to the person or workload that it began with. */
            actor_chain: string[];
            /** @description What to do first. */
            advice: components["schemas"]["Text"];
            /** @description What the rule sees and why it matters. */
            description: components["schemas"]["Text"];
            /** @description The newest events, at most 200, latest first. */
            evidence: components["schemas"]["Evidence"][];
            /** @description The rule's exceptions. */
            exceptions: components["schemas"]["RuleException"][];
            /** @description What was done, oldest first. */
            history: components["schemas"]["AlertHistory"][];
            /** @description Notes, oldest first. */
            notes: components["schemas"]["Note"][];
            /** @description Messages to the outside, oldest first. */
            notifications: components["schemas"]["Notification"][];
            /** @description Where to read on. */
            references: string[];
            /** @description Events an hour, or a day where it went on for more than four days. */
            timeline: components["schemas"]["TimelinePoint"][];
        };
        /** @description What somebody did, or the server. */
        AlertHistory: {
            /** @description When. */
            at: string;
            /** @description Who; `trailhound` for the server itself. */
            by: string;
            /** @description What, as `status: open -> closed`. */
            change: string;
        };
        /** @description A page of alerts. */
        AlertList: {
            /** @description The alerts, in the order asked for. */
            alerts: components["schemas"]["Alert"][];
            /** @description How many of what. */
            counts: components["schemas"]["AlertCounts"];
            /** @description The `cursor` of the next page; none on the last. */
            next?: string | null;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            total: number;
        };
        /**
         * @description How bad it is if it is true.
         * @enum {string}
         */
        AlertSeverity: "informational" | "low" | "medium" | "high" | "critical";
        /**
         * @description Where an alert is in its life.
         * @enum {string}
         */
        AlertStatus: "open" | "acknowledged" | "closed";
        /**
         * @description What an alert turned out to be.
         * @enum {string}
         */
        AlertVerdict: "true_positive" | "benign" | "false_positive";
        /** @description How many alerts had their latest event in an hour or on a day. */
        AlertsAt: {
            /**
             * Format: int64
             * @description Alerts.
             */
            alerts: number;
            /** @description When it begins. */
            at: string;
        };
        /** @description The matrix. */
        AttackMatrix: {
            /** @description In the order of an attack. */
            tactics: components["schemas"]["AttackTactic"][];
        };
        /** @description A tactic. */
        AttackTactic: {
            /** @description `TA0005`. */
            id: string;
            /** @description Its name. */
            name: components["schemas"]["Text"];
            /** @description Rules that name the tactic and none of its techniques. */
            rules: string[];
            /** @description Its techniques that a rule is for. */
            techniques: components["schemas"]["AttackTechnique"][];
        };
        /** @description A technique, and what watches for it. */
        AttackTechnique: {
            /**
             * Format: int64
             * @description Their findings of the last 30 days.
             */
            hits_30d: number;
            /** @description `T1562.008`. */
            id: string;
            /** @description Its name. */
            name: components["schemas"]["Text"];
            /** @description The rules. */
            rules: string[];
        };
        /** @description The same change of several alerts: all of them, or none where one is not there. */
        BulkChange: {
            /** @description The alerts, 1 to 1000. */
            ids: string[];
            /** @description The owner; an empty text for nobody. */
            owner?: string | null;
            status?: null | components["schemas"]["AlertStatus"];
            verdict?: null | components["schemas"]["AlertVerdict"];
        };
        /** @description What a bulk change did. */
        BulkChanged: {
            /**
             * Format: int64
             * @description Alerts that are different now.
             */
            changed: number;
        };
        /**
         * @description How a panel shows its rows.
         * @enum {string}
         */
        ChartKind: "single" | "table" | "bar" | "stacked-bar" | "line" | "stacked-column" | "pie" | "map" | "events";
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
        /** @description An export to read. */
        DashboardExport: {
            /** @description The file's name without its extension: the name of a dashboard for what is on none. */
            name: string;
            /** @description The file: NDJSON of saved objects, or the JSON of old versions. */
            text: string;
        };
        /** @description A dashboard: its file. */
        DashboardFile: {
            /** @description What it is for. */
            description?: components["schemas"]["Wording"];
            /** @description Its id, for its address: lower-case letters, digits and hyphens. */
            id: string;
            /**
             * Format: int64
             * @description Its place in the list.
             */
            order?: number;
            /** @description Its panels, in the order of reading. */
            panels: components["schemas"]["DashboardPanel"][];
            /** @description Its title. */
            title: components["schemas"]["Wording"];
            /** @description What values of its rows are called on the page: a code is for filters, a word for people. */
            words?: {
                [key: string]: components["schemas"]["Wording"];
            };
        };
        /** @description One panel. */
        DashboardPanel: {
            /** @description How the rows are shown. */
            chart: components["schemas"]["ChartKind"];
            /** @description What it shows. */
            description?: components["schemas"]["Wording"];
            drill?: null | components["schemas"]["Drill"];
            /**
             * Format: int32
             * @description Pixels.
             */
            height: number;
            /** @description The panel is shown while the selection of this name exists, and narrowed to it. */
            hidden_until?: string | null;
            /** @description Its id, unique on the dashboard. */
            id: string;
            /** @description The language of its query: an id of `/api/v1/languages`. */
            lang: string;
            /** @description Its query. `$span$` stands for a bucket width that suits the view's time range. */
            query: string;
            /** @description Its title. */
            title: components["schemas"]["Wording"];
            tone?: null | components["schemas"]["Tone"];
            unit?: null | components["schemas"]["Unit"];
            /**
             * Format: int32
             * @description Columns of twelve.
             */
            width: number;
        };
        /** @description One thing that is wrong with a dashboard. */
        DashboardProblem: {
            /** @description Where in the file, as a JSON pointer: `/panels/2/query`. */
            at: string;
            /** @description Stable identifier. */
            code: string;
            /** @description Of a query: what is wrong with its text, and where in it. */
            diagnostics: components["schemas"]["Diagnostic"][];
            /** @description One sentence. */
            message: string;
        };
        /** @description A dashboard as listed. */
        DashboardSummary: {
            /** @description Whether it comes with the program: such a one can be copied, not changed. */
            builtin: boolean;
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
        /** @description A message that was given up. */
        DeadLetter: {
            /** @description The alert. */
            alert: string;
            /** @description When. */
            at: string;
            /**
             * Format: int32
             * @description How often it was tried.
             */
            attempts: number;
            /** @description What it tells of: `opened`, `closed`, … */
            change: string;
            /** @description Why it was given up. */
            error: string;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description The rule that raised it. */
            rule: string;
        };
        /** @description Messages that were given up. */
        DeadLetters: {
            /** @description The newest first, at most 200. */
            letters: components["schemas"]["DeadLetter"][];
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
        /** @description Where a click on a part of a panel leads. */
        Drill: {
            /** @description To the dashboard of this id. */
            dashboard?: string | null;
            /** @description To the event whose id is in this column. */
            event?: string | null;
            /** @description The language of that query; SPL where it is left out. */
            lang?: string | null;
            search?: null | components["schemas"]["DrillSearch"];
            /** @description Keeps the row as the dashboard's selection of this name. */
            select?: string | null;
            /** @description Filters, and where their values come from. */
            set?: {
                [key: string]: components["schemas"]["DrillValue"];
            };
            /** @description Column with the first time of a selection. */
            since?: string | null;
            /** @description Column with its last time. */
            until?: string | null;
        };
        /** @description A constant of a drill-down. */
        DrillConstant: {
            /** @description The value. */
            value: string;
        };
        /** @description What Search is opened with. */
        DrillSearch: boolean | string;
        /** @description Where a filter's value comes from. */
        DrillValue: string | components["schemas"]["DrillConstant"];
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
            /** @description What is wrong with a dashboard, if it was one. */
            problems?: components["schemas"]["DashboardProblem"][];
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
        /** @description An event that raised an alert. */
        Evidence: {
            /** @description By whom. */
            actor?: string | null;
            /** @description The service's error. */
            error_code?: string | null;
            /** @description Its id; none for a row of a scheduled rule that is no event. */
            event_id?: string | null;
            /** @description What was done. */
            event_name?: string | null;
            /** @description At which service. */
            event_source?: string | null;
            /** @description When it happened. */
            event_time: string;
            /** @description The event on the page of this server. */
            link?: string | null;
            /** @description The table that it is in. */
            log_type: string;
            /** @description The region. */
            region?: string | null;
            /** @description The row's values where it is no event: of scheduled rules. */
            row?: unknown;
            /** @description From where. */
            source_address?: string | null;
        };
        /** @description The exceptions of a rule. */
        ExceptionList: {
            /** @description Those of the file, then the users'. */
            exceptions: components["schemas"]["RuleException"][];
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
        /** @description A field of an alert's key. */
        GroupValue: {
            /** @description The field, as the rule names it. */
            field: string;
            /** @description Its value; none where the event has none. */
            value?: string | null;
        };
        /** @description Something of an export, and what about it. */
        ImportNote: {
            /** @description Its name there. */
            name: string;
            /** @description What about it. */
            note: string;
        };
        /** @description What an export came to. */
        ImportedDashboards: {
            /** @description Dashboards. None of them is stored yet. */
            dashboards: components["schemas"]["DashboardFile"][];
            /** @description What was left out, and why. */
            left_out: components["schemas"]["ImportNote"][];
            /** @description What is there, but not in every respect. */
            notes: components["schemas"]["ImportNote"][];
        };
        /**
         * @description How an hour of a trail fared.
         * @enum {string}
         */
        Integrity: "valid" | "pending" | "gap" | "missing" | "invalid";
        /** @description What is proven. */
        IntegrityAnswer: {
            /** @description A trail for each account and region. */
            trails: components["schemas"]["IntegrityTrail"][];
        };
        /** @description An hour of a trail. */
        IntegrityHour: {
            /** @description What is wrong. */
            detail?: string | null;
            /**
             * Format: int64
             * @description Log files that the digests of the hour name.
             */
            files: number;
            /** @description Its beginning. */
            hour: string;
            /** @description How it fared. */
            verdict: components["schemas"]["Integrity"];
        };
        /** @description The hours of a trail in a region. */
        IntegrityTrail: {
            /** @description The account. */
            account: string;
            /** @description Its digests were made afterwards. */
            backfill: boolean;
            /** @description Its hours, oldest first. */
            hours: components["schemas"]["IntegrityHour"][];
            /** @description The region. */
            region: string;
            /** @description The trail's name. */
            trail: string;
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
            /** @description The codes of its diagnostics. */
            messages?: components["schemas"]["MessageEntry"][];
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
        /** @description What a diagnostic's code means. */
        MessageEntry: {
            /** @description As in `Diagnostic.code`. */
            code: string;
            /** @description What it means. */
            meaning: string;
            /** @description What to do. */
            remedy: string;
        };
        /** @description An exception to make: exactly one of `value`, `cidr` and `glob`. */
        NewException: {
            /** @description The network that it lies in. */
            cidr?: string | null;
            /** @description The field, by any name of the catalogue or a path into the record. */
            field: string;
            /** @description The pattern that it follows; `*` and `?` are wildcards. */
            glob?: string | null;
            /** @description Why; it is shown wherever the rule is. */
            reason: string;
            /** @description Until when: ISO 8601; none: for good. */
            until?: string | null;
            /** @description The value that it has. */
            value?: string | null;
        };
        /** @description A rule to add: its file, or a search. */
        NewRule: {
            from_search?: null | components["schemas"]["SavedSearch"];
            /** @description YAML. */
            text?: string | null;
        };
        /** @description What somebody wrote. */
        Note: {
            /** @description When. */
            at: string;
            /** @description Who. */
            by: string;
            /** @description The text. */
            text: string;
        };
        /** @description A note to add. */
        NoteText: {
            /** @description The text, 1 to 10,000 characters. */
            text: string;
        };
        /** @description A message about the alert to the outside. */
        Notification: {
            /** @description When it was last tried, or was to be. */
            at: string;
            /**
             * Format: int32
             * @description Attempts so far.
             */
            attempts: number;
            /** @description Why the last attempt failed. */
            error?: string | null;
            /** @description The sink's name. */
            sink: string;
            /** @description `pending`, `delivered` or `dead`. */
            state: string;
        };
        /** @description What is in quarantine. */
        QuarantineList: {
            /** @description How many there are of each reason, whichever reason was asked for. */
            by_reason: {
                [key: string]: number;
            };
            /** @description The newest. */
            pieces: components["schemas"]["QuarantinePiece"][];
            /**
             * Format: int64
             * @description How many there are.
             */
            total: number;
        };
        /** @description A piece in quarantine. */
        QuarantinePiece: {
            /** @description When it came in. */
            at: string;
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /** @description It was decoded after all. */
            done: boolean;
            /** @description Its beginning, as text. */
            excerpt: string;
            /** @description What it is called. */
            id: string;
            /** @description Why, in words. */
            message: string;
            /** @description The object or request that it is of. */
            origin: string;
            /**
             * Format: int64
             * @description Its place among the records of the object, from 0.
             */
            position: number;
            /** @description Why it is here, as a stable code. */
            reason: string;
        };
        /** @description What still can't be decoded. */
        QuarantineProblem: {
            /** @description Why, in words. */
            message: string;
            /** @description The object or request. */
            origin: string;
            /** @description Why, as a stable code. */
            reason: string;
        };
        /** @description Which pieces are to be decoded again: those that meet all that is given; without anything, all. */
        QuarantineReplay: {
            /**
             * @description These.
             * @default null
             */
            ids: string[] | null;
            /**
             * @description Of objects with this in their paths.
             * @default null
             */
            origin: string | null;
            /**
             * @description Of this reason.
             * @default null
             */
            reason: string | null;
            /**
             * @description That came in at this time or later, ISO 8601.
             * @default null
             */
            since: string | null;
        };
        /** @description What a replay came to. */
        QuarantineReplayed: {
            /**
             * Format: int64
             * @description Those that were decoded, and are done.
             */
            done: number;
            /**
             * Format: int64
             * @description Records that the lake held already.
             */
            duplicates: number;
            /**
             * Format: int64
             * @description Records that rules left out.
             */
            excluded: number;
            /**
             * Format: int64
             * @description Pieces that were looked at.
             */
            pieces: number;
            /** @description What still can't be decoded. */
            problems: components["schemas"]["QuarantineProblem"][];
            /**
             * Format: int64
             * @description Records found in them.
             */
            records: number;
            /**
             * Format: int64
             * @description Rows added.
             */
            rows_added: number;
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
            /** @description Form of the answer. */
            format?: components["schemas"]["RowFormat"];
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
            /** @description Values of template variables by name: `{{name}}`, `%name%`, `:name`; those of `?` by number, from 1. */
            parameters?: {
                [key: string]: string;
            };
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
            /** @description Where days begin, and in which zone the query writes times: `UTC`, `+09:00`, `Asia/Tokyo`. UTC where it is left out. */
            timezone?: string | null;
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
        /** @description What a rule would have found. */
        ReplayAnswer: {
            /**
             * Format: int64
             * @description Alerts that they would have opened: keys.
             */
            alerts_would_open: number;
            /** @description The keys, those with most findings first. */
            by_group: components["schemas"]["ReplayGroup"][];
            /** @description The latest findings. */
            events: components["schemas"]["Evidence"][];
            /**
             * Format: int64
             * @description Findings that exceptions left out.
             */
            excepted: number;
            /**
             * Format: int64
             * @description Findings.
             */
            findings: number;
            /**
             * Format: int64
             * @description Stored events of the period that were looked at.
             */
            scanned_events: number;
            /** @description Findings a day, or an hour where the period has at most four days. */
            timeline: components["schemas"]["ReplayPoint"][];
        };
        /** @description A key that a replayed rule would have raised an alert for. */
        ReplayGroup: {
            /**
             * Format: int64
             * @description Findings.
             */
            events: number;
            /** @description Time of the first. */
            first: string;
            /** @description The key. */
            group: components["schemas"]["GroupValue"][];
            /** @description Time of the last. */
            last: string;
        };
        /** @description Findings of one stretch of time. */
        ReplayPoint: {
            /** @description Where the stretch begins. */
            at: string;
            /**
             * Format: int64
             * @description How many findings it has.
             */
            count: number;
        };
        /** @description A rule to run over the past: the text of one, or the id of one that is there. */
        ReplayRequest: {
            from_search?: null | components["schemas"]["SavedSearch"];
            /** @description A rule's id. */
            id?: string | null;
            /**
             * Format: int32
             * @description Most events and groups shown: 100 by default, at most 1000. The counts are whole.
             */
            limit?: number | null;
            /** @description Events at or after it: ISO 8601, or relative such as `-30d`; none: from the first. */
            since?: string | null;
            /** @description YAML. */
            text?: string | null;
            /** @description Events before it. */
            until?: string | null;
        };
        /** @description What is tried again. */
        Retried: {
            /**
             * Format: int64
             * @description How many messages.
             */
            messages: number;
        };
        /** @description Which messages to try again. */
        RetryRequest: {
            /**
             * @description Their numbers; all of the sink where none is named.
             * @default null
             */
            ids: number[] | null;
        };
        /**
         * @description How rows are written.
         * @enum {string}
         */
        RowFormat: "ndjson" | "parquet";
        /** @description A change of a rule's settings. What is absent stays. */
        RuleChange: {
            /** @description Whether it runs. */
            enabled?: boolean | null;
            severity?: null | components["schemas"]["AlertSeverity"];
        };
        /** @description One rule, whole. */
        RuleDetail: components["schemas"]["RuleSummary"] & {
            /** @description What to do first. */
            advice: components["schemas"]["Text"];
            /** @description For how long the same key is not told again, as `1h`. */
            cool_down: string;
            /** @description Its exceptions: those of the file, then the users'. */
            exceptions: components["schemas"]["RuleException"][];
            /** @description The fields of its alerts' key. */
            group_by: string[];
            /** @description Its query's text; a correlation's steps one after the other. */
            query: string;
            /** @description Where to read on. */
            references: string[];
            /** @description Its own tests. */
            tests: components["schemas"]["RuleTests"];
            /** @description Its file (YAML). */
            text: string;
        };
        /** @description What a rule leaves out. */
        RuleException: {
            /** @description Who made it. */
            by?: string | null;
            /** @description The network that it lies in. */
            cidr?: string | null;
            /** @description When it was made. */
            created_at?: string | null;
            /** @description Whether that is past. */
            expired: boolean;
            /** @description The field, by any name of the catalogue or a path into the record. */
            field: string;
            /** @description The pattern that it follows; `*` and `?` are wildcards. */
            glob?: string | null;
            /**
             * Format: int64
             * @description Its number, for its address; none for those of the rule's file.
             */
            id?: number | null;
            /** @description Why. */
            reason: string;
            /** @description Until when; none: for good. */
            until?: string | null;
            /** @description The value that it has. */
            value?: string | null;
        };
        /** @description The rules. */
        RuleList: {
            /** @description By id. */
            rules: components["schemas"]["RuleSummary"][];
        };
        /** @description A rule as it is listed. */
        RuleSummary: {
            /**
             * Format: int64
             * @description Its alerts that are not closed.
             */
            alerts_open: number;
            /** @description ATT&CK tactics and techniques. */
            attack: string[];
            /** @description Whether it comes with the program. */
            builtin: boolean;
            /** @description Other systems' detections with the same meaning. */
            covers: string[];
            /** @description What it sees and why it matters. */
            description: components["schemas"]["Text"];
            /** @description Whether it runs. */
            enabled: boolean;
            /** @description Why it does not run, or why its last run failed. */
            error?: string | null;
            /** @description What it is about, as the program's rules are arranged: `iam`, `network` …; none for users' rules. */
            group?: string | null;
            /**
             * Format: int64
             * @description Findings of the last 30 days.
             */
            hits_30d: number;
            /** @description Its id, for its address. */
            id: string;
            /** @description The language of its query. */
            lang: string;
            /** @description When it last found something. */
            last_hit?: string | null;
            /** @description The log types that it reads. */
            logs: string[];
            /** @description `each`, `threshold`, `correlation`, `first_seen`, `rare`, `travel` or `scheduled`. */
            mode: string;
            /** @description Whether the text of one that comes with the program was replaced by a user's. */
            overridden: boolean;
            /** @description How bad it is if it is true. */
            severity: components["schemas"]["AlertSeverity"];
            /** @description Its title. */
            title: components["schemas"]["Text"];
        };
        /** @description What a rule's tests gave. */
        RuleTestReport: {
            /** @description Whether all passed. */
            passed: boolean;
            /** @description One for each test. */
            results: components["schemas"]["RuleTestResult"][];
        };
        /** @description One of a rule's tests. */
        RuleTestResult: {
            /** @description `match` or `no_match`. */
            kind: string;
            /** @description What was wrong. */
            message?: string | null;
            /**
             * Format: int32
             * @description Its place in that list, from 1.
             */
            number: number;
            /** @description Whether it came out as it must. */
            passed: boolean;
        };
        /** @description How many events of a rule's own tests there are. */
        RuleTests: {
            /**
             * Format: int32
             * @description Those that must match.
             */
            match: number;
            /**
             * Format: int32
             * @description Those that must not.
             */
            no_match: number;
        };
        /** @description A rule's file. */
        RuleText: {
            /** @description YAML. */
            text: string;
        };
        /** @description A search that becomes a rule. */
        SavedSearch: {
            /** @description Conditions of the filter bar, which become part of the rule. */
            filters?: components["schemas"]["Filter"][];
            /** @description The fields of the alerts' key; the actor and the account by default, for rows that are no events their columns of text. */
            group_by?: string[] | null;
            /** @description `auto`, or a language's id. */
            lang: string;
            /** @description Another mode than the search asks for: as in a rule's file. */
            mode?: unknown;
            /** @description The search's text. */
            query: string;
            /** @description How bad it is if it is true. */
            severity: components["schemas"]["AlertSeverity"];
            /** @description The title; the rule's id is made from it. */
            title: string;
        };
        /** @description A search to save. */
        SearchDraft: {
            /** @description Conditions beside the query. */
            filters?: components["schemas"]["Filter"][];
            /**
             * @description `auto`, or a language's id.
             * @default auto
             */
            lang: string;
            /** @description What it is called; among one's own, no two have the same name. */
            name: string;
            /** @description The text, at most 64 KiB. It need not be right yet. */
            query: string;
            /** @description Whether everybody on this server sees it. */
            shared?: boolean;
            /** @description Lower bound: ISO 8601, or relative such as `-7d`; kept as it is written. */
            since?: string | null;
            /** @description Upper bound. */
            until?: string | null;
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
        /** @description Where alerts go. */
        SinkList: {
            /** @description In the order of the settings. */
            sinks: components["schemas"]["SinkStatus"][];
        };
        /** @description A sink and how it does. */
        SinkStatus: {
            /**
             * Format: int64
             * @description Messages that were given up.
             */
            dead: number;
            /** @description Whether messages go to it. */
            enabled: boolean;
            /** @description Why the last try failed, where nothing was delivered since. */
            last_error?: string | null;
            /** @description When a message was delivered last. */
            last_success?: string | null;
            /** @description Its name in the settings. */
            name: string;
            /**
             * Format: int64
             * @description Messages that wait.
             */
            pending: number;
            /** @description When it is not disturbed: `22:00-07:00 Asia/Tokyo`. */
            quiet_hours?: string | null;
            /** @description Its kind: `webhook`, `email`, … */
            type: string;
        };
        /** @description How a test ended. */
        SinkTest: {
            /** @description Whether the receiver took it. */
            delivered: boolean;
            /** @description Why not. */
            error?: string | null;
        };
        /** @description A source. Counts are since the server started. */
        SourceEntry: {
            /**
             * Format: int64
             * @description Bytes as delivered.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Messages in the dead-letter queue, where there is one.
             */
            dlq_depth?: number | null;
            /**
             * Format: int64
             * @description Records that the lake held already.
             */
            duplicates: number;
            /**
             * Format: int64
             * @description Calls and commits that failed.
             */
            errors: number;
            /**
             * Format: int64
             * @description Records that rules left out.
             */
            excluded: number;
            /**
             * Format: int64
             * @description Rows added whose time is more than a day ahead of the clock: `time_status` is `future`.
             */
            future: number;
            /**
             * Format: int64
             * @description Objects or requests that came and are not committed yet.
             */
            in_flight: number;
            /**
             * Format: int64
             * @description Seconds from delivery to commit of what was taken in last.
             */
            lag_seconds?: number | null;
            /** @description What the last of them said. */
            last_error?: string | null;
            /** @description The newest event's own time, but for those from the future. */
            last_event?: string | null;
            /** @description When an object or a request was taken in last. */
            last_object?: string | null;
            /** @description Which it was. */
            last_origin?: string | null;
            /** @description Its name in the settings. */
            name: string;
            /**
             * Format: int64
             * @description Objects or requests taken in.
             */
            objects: number;
            /**
             * Format: int64
             * @description Rows added whose time is too far behind the clock: `time_status` is `old`.
             */
            old: number;
            /** @description What was acknowledged without being taken, by reason. */
            passed_over: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Records found in them.
             */
            records: number;
            /**
             * Format: int64
             * @description Objects, requests and pieces that were not taken.
             */
            rejected: number;
            /** @description The same by reason. */
            rejected_by: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Rows added by them.
             */
            rows_added: number;
            /** @description How it fares. */
            state: components["schemas"]["SourceState"];
            /** @description Its type in the settings. */
            type: string;
            /**
             * Format: int64
             * @description Messages that wait in the queue, where there is one.
             */
            waiting?: number | null;
        };
        /** @description The sources. */
        SourceList: {
            /** @description In the order of the settings. */
            sources: components["schemas"]["SourceEntry"][];
        };
        /**
         * @description How a source fares.
         * @enum {string}
         */
        SourceState: "ok" | "behind" | "silent" | "failing" | "off";
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
        /** @description A saved search. */
        StoredSearch: components["schemas"]["SearchDraft"] & {
            /** @description When it was saved, ISO 8601. */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description Whether the caller may change and delete it. */
            mine: boolean;
            /** @description Who saved it; none: everybody's. */
            owner?: string | null;
            /** @description When it was last changed, ISO 8601. */
            updated_at: string;
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
        /**
         * @description How far a tail has come: a line under the key `_tail` after the events of each look at the lake, and every few seconds
         *     while nothing comes in.
         */
        TailMark: {
            /** @description When the lake was looked at, ISO 8601. */
            at: string;
            /**
             * Format: int64
             * @description Events found by this look.
             */
            found: number;
            /** @description For `after`. */
            mark: string;
            /** @description True where the look took too much time, memory or reading, and events may have been passed over. */
            missed: boolean;
            /**
             * Format: int64
             * @description Those of them that were sent.
             */
            sent: number;
        };
        /** @description A query to follow. */
        TailRequest: {
            /**
             * @description Where an earlier answer stood, as its last `_tail` line said: what came in since is shown first. Without it, only what
             *     comes in from now on.
             */
            after?: string | null;
            /**
             * Format: int64
             * @description Most events sent of those that came in at once; the others are counted. 200 where it is left out.
             */
            burst?: number | null;
            /** @description Conditions beside the query. */
            filters?: components["schemas"]["Filter"][];
            /**
             * @description `auto`, or a language's id; not `sql`.
             * @default auto
             */
            lang: string;
            /** @description The text. Its search part counts: what orders, counts or groups events is left out, and a warning says so. */
            query: string;
            /** @description Where days begin, as for a query. */
            timezone?: string | null;
        };
        /** @description Text in the page's languages. */
        Text: {
            /** @description English. */
            en: string;
            /** @description Japanese. */
            ja: string;
        };
        /** @description Events of one stretch of time. */
        TimelinePoint: {
            /** @description Where the stretch begins. */
            at: string;
            /**
             * Format: int64
             * @description How many events it has.
             */
            events: number;
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
        /**
         * @description How a `single` is coloured.
         * @enum {string}
         */
        Tone: "bad" | "neutral";
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
        /**
         * @description What the numbers of a panel count.
         * @enum {string}
         */
        Unit: "bytes";
        /** @description Text in the page's languages or in one of them, which then stands for the other. */
        Wording: {
            /** @description English. */
            en?: string | null;
            /** @description Japanese. */
            ja?: string | null;
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
