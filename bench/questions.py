"""What the dashboards ask, as SQL that both engines understand, over the columns that are stored.

The panels of Security Overview, IAM Activity and User Activity boil down to these twelve; the thirteenth is a search for
one access key.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question and its text; `{user}` and `{key}` are filled with values of the data."""

    name: str
    sql: str


TOP_NAMES = "SELECT event_name FROM cloudtrail GROUP BY event_name ORDER BY count(*) DESC, event_name LIMIT 10"

QUESTIONS = [
    Question(
        "IAM errors",
        "SELECT count(*) AS n FROM cloudtrail WHERE event_source = 'iam.amazonaws.com' AND error_code IS NOT NULL",
    ),
    Question("unauthorised calls", "SELECT count(*) AS n FROM cloudtrail WHERE outcome = 'unauthorized'"),
    Question("event name × outcome", "SELECT event_name, outcome, count(*) AS n FROM cloudtrail GROUP BY event_name, outcome"),
    Question("user × outcome", "SELECT user_name, outcome, count(*) AS n FROM cloudtrail GROUP BY user_name, outcome"),
    Question(
        "country and city",
        "SELECT geo_country_code, geo_city, outcome, count(*) AS n FROM cloudtrail "
        "WHERE source_ip_address IS NOT NULL GROUP BY geo_country_code, geo_city, outcome",
    ),
    Question(
        "per hour, ten event names",
        f"SELECT date_trunc('hour', c.event_time) AS hour, coalesce(t.event_name, 'OTHER') AS series, count(*) AS n "
        f"FROM cloudtrail c LEFT JOIN ({TOP_NAMES}) t ON c.event_name = t.event_name "
        f"GROUP BY date_trunc('hour', c.event_time), coalesce(t.event_name, 'OTHER')",
    ),
    Question(
        "top source addresses",
        "SELECT source_ip_address, count(*) AS n FROM cloudtrail GROUP BY source_ip_address ORDER BY n DESC, source_ip_address LIMIT 20",
    ),
    Question(
        "errors by code",
        "SELECT error_code, count(*) AS n FROM cloudtrail WHERE error_code IS NOT NULL GROUP BY error_code",
    ),
    Question(
        "users per account",
        "SELECT recipient_account_id, count(DISTINCT user_name) AS users FROM cloudtrail GROUP BY recipient_account_id",
    ),
    Question(
        "a user's last 100 events",
        "SELECT event_time, event_id, event_name, event_source, source_ip_address, error_code FROM cloudtrail "
        "WHERE user_name = '{user}' ORDER BY event_time DESC, event_id LIMIT 100",
    ),
    Question(
        "console sign-ins by MFA and user",
        "SELECT user_name, mfa_used, response_console_login, count(*) AS n FROM cloudtrail "
        "WHERE event_name = 'ConsoleLogin' GROUP BY user_name, mfa_used, response_console_login",
    ),
    Question(
        "ARN × event name, first and last",
        "SELECT user_identity_arn, event_name, min(event_time) AS first_seen, max(event_time) AS last_seen, count(*) AS n "
        "FROM cloudtrail GROUP BY user_identity_arn, event_name",
    ),
    Question(
        "needle: one access key",
        "SELECT event_time, event_id, event_name, source_ip_address FROM cloudtrail WHERE user_identity_access_key_id = '{key}'",
    ),
]
