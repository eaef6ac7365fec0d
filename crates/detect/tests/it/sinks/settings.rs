//! What settings may say, and that they never show a secret.

use super::sinks;

#[test]
fn mistakes_are_named_all_at_once_and_secrets_are_not_shown() {
    let check = |toml: &str, says: &[&str]| {
        let error = sinks(toml).err().unwrap_or_else(|| panic!("{toml} is taken")).to_string();
        assert!(says.iter().all(|text| error.contains(text)), "{toml}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    };
    let sink = |kind: &str, more: &str| format!("[[sink]]\nname = 'a'\ntype = '{kind}'\n{more}\n");
    check("[[sink]]\ntype = 'slack'", &["sink no. 1", "name"]);
    check(&sink("pager", ""), &["`a`", "no type `pager`", "json-file", "webhook"]);
    check(&sink("webhook", ""), &["`url`"]);
    check(&sink("webhook", "url = 'https://example.com'\nsecrte = 'hunter2'"), &["secrte"]);
    check(&sink("webhook", "url = 'https://example.com'\nsecret = { env = 'NOPE' }"), &["`secret`", "NOPE"]);
    check(&sink("webhook", "url = 'https://example.com'\nsecret = { text = 'hunter2' }"), &["env = NAME"]);
    check(&sink("webhook", "url = 'ftp://example.com/hunter2'"), &["scheme"]);
    check(&sink("webhook", "url = 'http://10.0.0.1/hunter2'"), &["private", "allow"]);
    check(&sink("webhook", "url = 'https://example.com'\nallow = ['10/8']"), &["`allow`"]);
    check(&sink("webhook", "url = 'https://example.com'\ntemplate = '{{'"), &["`template`"]);
    check(&sink("webhook", "url = 'https://example.com'\nheaders = { Host = 'hunter2' }"), &["`Host`"]);
    check(&sink("webhook", "url = 'https://example.com'\nheaders = { X = \"hunter2\\nY: z\" }"), &["`X`"]);
    check(&sink("slack", "url = 'https://example.com'\nmin_severity = 'urgent'"), &["urgent"]);
    check(&sink("slack", "url = 'https://example.com'\nattempts = 0"), &["`attempts`"]);
    check(&sink("slack", "url = 5"), &["secret is a text"]);
    check(&sink("pagerduty", "routing_key = ''"), &["`routing_key`", "empty"]);
    check(&sink("sns", "topic_arn = 'alerts'"), &["topic_arn"]);
    check(&sink("sns", "topic_arn = 'arn:aws:sns:eu-west-1:111122223333:a'\nregoin = 'x'"), &["regoin"]);
    check(&sink("security-hub", "account = '111122223333'"), &["`region`"]);
    check(&sink("security-hub", "account = 'x'\nregion = 'eu-west-1'"), &["`account`"]);
    check(&sink("syslog", "address = 'localhost'"), &["host:port"]);
    check(&sink("syslog", "address = 'localhost:514'\nfacility = 'x'"), &["facility"]);
    check(&sink("json-file", "path = '/nonexistent/folder/x'"), &["no folder"]);
    let mail = "host = 'localhost'\nfrom = 'a@example.com'\nto = ['b@example.com']\n";
    check(&sink("email", &format!("{mail}tls = 'none'\nuser = 'u'\npassword = 'hunter2'")), &["TLS"]);
    check(&sink("email", &format!("{mail}password = 'hunter2'")), &["go together"]);
    check(&sink("email", &mail.replace("b@example.com", "nobody")), &["`to`"]);
    check(
        &sink(
            "email",
            &mail.replace("b@example.com", "b@example.com\\r\\nRCPT").replace("['", "[\"").replace("']", "\"]"),
        ),
        &["`to`"],
    );
    check(&format!("{}{}", sink("slack", "url = 5"), sink("pager", "").replace("'a'", "'b'")), &["`a`", "`b`"]);
    let good = sink("slack", "url = 'https://example.com/hunter2'");
    check(&format!("{good}{good}"), &["two sinks", "`a`"]);
}

#[test]
fn good_settings_are_taken_and_told_without_secrets() {
    let toml = "
[[sink]]
name = 'soc'
type = 'webhook'
url = { env = 'HOOK' }

[[sink]]
name = 'night'
type = 'pagerduty'
routing_key = 'hunter2'
enabled = false
changes = ['opened', 'acknowledged', 'closed', 'reopened', 'more']
quiet = { from = '22:00', to = '07:00', timezone = 'Asia/Tokyo' }
";
    let error = sinks(toml).err().map(|e| e.to_string());
    assert_eq!(error.as_deref(), Some("the sink `soc`: the url is not valid: relative URL without a base"));
    let sinks = sinks(&toml.replace("{ env = 'HOOK' }", "'https://example.com'")).unwrap();
    let told = serde_json::to_string(&sinks.infos()).unwrap();
    assert_eq!(
        told,
        r#"[{"name":"soc","type":"webhook","enabled":true,"quiet_hours":null},{"name":"night","type":"pagerduty","enabled":false,"quiet_hours":"22:00-07:00 Asia/Tokyo"}]"#
    );
    // One that is off wants nothing.
    assert_eq!(sinks.routes().wanted(&super::notice()), ["soc"]);
}
