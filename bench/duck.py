"""DuckDB's way with the same logs. Run as a program of its own, so that its memory and time can be measured:

    duck.py automatic LOGS OUT.parquet     the schema as DuckDB finds it; the records' text is dropped
    duck.py typed LOGS OUT.parquet         28 columns by path, and the text of each record
"""

import sys
from pathlib import Path

import duckdb

THREADS = 2

TYPED = {
    "event_time": "eventTime",
    "event_id": "eventID",
    "event_version": "eventVersion",
    "event_type": "eventType",
    "event_category": "eventCategory",
    "event_source": "eventSource",
    "event_name": "eventName",
    "aws_region": "awsRegion",
    "source_ip_address": "sourceIPAddress",
    "user_agent": "userAgent",
    "error_code": "errorCode",
    "error_message": "errorMessage",
    "request_id": "requestID",
    "read_only": "readOnly",
    "management_event": "managementEvent",
    "recipient_account_id": "recipientAccountId",
    "shared_event_id": "sharedEventID",
    "vpc_endpoint_id": "vpcEndpointId",
    "user_identity_type": "userIdentity.type",
    "user_identity_principal_id": "userIdentity.principalId",
    "user_identity_arn": "userIdentity.arn",
    "user_identity_account_id": "userIdentity.accountId",
    "user_identity_access_key_id": "userIdentity.accessKeyId",
    "user_identity_user_name": "userIdentity.userName",
    "user_identity_invoked_by": "userIdentity.invokedBy",
    "session_issuer_arn": "userIdentity.sessionContext.sessionIssuer.arn",
    "session_mfa_authenticated": "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "mfa_used": "additionalEventData.MFAUsed",
}


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory, on as many threads as Trailhound has here."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    return connection


def files_of(logs: Path) -> list[str]:
    """The CloudTrail objects: Insights have another shape."""
    return sorted(str(f) for f in logs.rglob("*.json.gz") if "CloudTrail-Insight" not in f.name)


def automatic(logs: Path, out: Path, longest: int) -> None:
    """`read_json` with a schema that it detects: the quickest of the ways that take these logs."""
    ways = {
        "schema detected from DuckDB's sample of the files": "",
        "schema detected from a sample of each file": ", union_by_name = true",
        "schema detected to the sections, which stay JSON": ", maximum_depth = 3",
    }
    for said, option in ways.items():
        source = f"read_json($files, format = 'unstructured', maximum_object_size = {longest}{option})"
        try:
            write(connect(), f"SELECT record.* FROM (SELECT unnest(Records) AS record FROM {source})", logs, out)
        except duckdb.Error as error:
            print(f"not with {said}: {str(error).splitlines()[0][:200]}")
            continue
        print(said)
        return
    sys.exit("DuckDB can't read these logs with a schema of its own finding")


def typed(logs: Path, out: Path, longest: int) -> None:
    """Columns by path, the text kept."""
    columns = ", ".join(f"json_extract_string(record, '$.{path}') AS {name}" for name, path in TYPED.items())
    source = f"read_json_objects($files, format = 'unstructured', maximum_object_size = {longest})"
    query = f"SELECT {columns}, record::VARCHAR AS raw FROM (SELECT unnest(json_extract(json, '$.Records[*]')) AS record FROM {source})"
    write(connect(), query, logs, out)


def write(connection: duckdb.DuckDBPyConnection, query: str, logs: Path, out: Path) -> None:
    """Runs the query into a Parquet file and prints its rows."""
    command = f"COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    rows = connection.execute(command, {"files": files_of(logs)}).fetchone()[0]
    print(f"{rows} rows")


def main() -> None:
    """The command line."""
    way, logs, out, longest = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    {"automatic": automatic, "typed": typed}[way](logs, out, longest)


if __name__ == "__main__":
    main()
