//! Policies as people write them, and as an intruder would: whom each lets in.

use super::{
    access::{Own, administers, outsiders, widest},
    document::parse,
};

const OWN: &str = "111122223333,444455556666";

fn check(document: &str, want: Option<&str>) {
    let got = parse(document).map(|statements| widest(&statements, &Own::new(OWN)).name());
    assert_eq!(got, want, "{}", document.chars().take(600).collect::<String>());
}

/// A policy out of statements.
fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// A statement that allows reading a bucket, with a principal and a condition.
fn allow(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
    )
}

#[test]
fn principals() {
    let cases = [
        (r#""*""#, "public"),
        (r#"{"AWS":"*"}"#, "public"),
        (r#"{"AWS":["arn:aws:iam::111122223333:root","*"]}"#, "public"),
        (r#"{"AWS":"arn:aws:iam::*:root"}"#, "public"),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "internal"),
        (r#"{"AWS":"arn:aws:iam::444455556666:user/a"}"#, "internal"),
        (r#"{"AWS":"111122223333"}"#, "internal"),
        (r#""111122223333""#, "internal"),
        (r#""999988887777""#, "external"),
        (r#"{"AWS":"999988887777"}"#, "external"),
        (r#"{"AWS":"arn:aws:iam::999988887777:root"}"#, "external"),
        (r#"{"AWS":"arn:aws-cn:iam::999988887777:role/r"}"#, "external"),
        (r#"{"AWS":"arn:aws:sts::999988887777:assumed-role/r/s"}"#, "external"),
        (r#"{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::999988887777:root"]}"#, "external"),
        (r#"{"AWS":"AIDACKCEVSQ6C2EXAMPLE"}"#, "internal"),
        (r#"{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#, "internal"),
        (r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#, "external"),
        (r#"{"Service":"cloudtrail.amazonaws.com"}"#, "internal"),
        (r#""sns.amazonaws.com""#, "internal"),
        (r#"{"Service":"ec2.amazonaws.com","AWS":"*"}"#, "public"),
        (r#"{"Federated":"*"}"#, "public"),
        (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#, "internal"),
        (r#"{"Federated":"arn:aws:iam::999988887777:saml-provider/corp"}"#, "external"),
        (
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A"}"#,
            "internal",
        ),
        (r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, "public"),
        (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, "public"),
        ("{}", "internal"),
    ];
    for (principal, want) in cases {
        check(&policy(&allow(principal, "{}")), Some(want));
    }
}

#[test]
fn conditions_of_an_allow_that_narrow() {
    let cases = [
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#, "organization"),
        (r#"{"StringEquals":{"AWS:principalorgid":["o-abc1234567","o-def1234567"]}}"#, "organization"),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc1234567/r-ab12/*"}}"#, "organization"),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}"#, "organization"),
        (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, "internal"),
        (r#"{"StringEquals":{"aws:SourceAccount":111122223333}}"#, "internal"),
        (r#"{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#, "internal"),
        (r#"{"StringEquals":{"aws:PrincipalAccount":["111122223333","999988887777"]}}"#, "external"),
        (
            r#"{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
            "internal",
        ),
        (r#"{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}"#, "internal"),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#, "internal"),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::999988887777:role/r"}}"#, "external"),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket-of-ours"}}"#, "conditional"),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket-of-ours"}}"#, "conditional"),
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "conditional"),
        (r#"{"IpAddress":{"aws:SourceIp":["203.0.113.7","2001:db8::/48"]}}"#, "conditional"),
        (r#"{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#, "conditional"),
        (r#"{"StringEquals":{"aws:SourceVpc":"vpc-111bbb22"}}"#, "conditional"),
        (r#"{"StringLike":{"aws:userId":"AROAEXAMPLEID:*"}}"#, "conditional"),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, "internal"),
        // the narrowest of several counts
        (
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#,
            "organization",
        ),
    ];
    for (condition, want) in cases {
        check(&policy(&allow(r#""*""#, condition)), Some(want));
    }
}

#[test]
fn conditions_of_an_allow_that_do_not() {
    let cases = [
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"StringLike":{"aws:Referer":"https://example.com/*"}}"#,
        r#"{"StringEquals":{"aws:UserAgent":"secret"}}"#,
        r#"{"StringEquals":{"sts:ExternalId":"guess"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#,
        r#"{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"::/0"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"anywhere"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
        r#"{"StringLike":{"aws:SourceAccount":"*"}}"#,
        r#"{"StringLike":{"aws:SourceVpce":"vpce-*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:*"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abc1234567"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-abc1234567/"}}"#,
        r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":[]}}"#,
        r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
    ];
    for condition in cases {
        check(&policy(&allow(r#""*""#, condition)), Some("public"));
    }
}

#[test]
fn a_network_does_not_hide_who_is_named() {
    let outsider = r#"{"AWS":"arn:aws:iam::999988887777:root"}"#;
    check(&policy(&allow(outsider, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#)), Some("external"));
    check(&policy(&allow(outsider, r#"{"StringEquals":{"sts:ExternalId":"x"}}"#)), Some("external"));
    check(&policy(&allow(outsider, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#)), Some("organization"));
}

#[test]
fn subjects_of_open_providers() {
    let github = |condition: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}},"Condition":{condition}}}"#
        ))
    };
    let cases = [
        (r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#, "public"),
        (r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#, "internal"),
        (
            r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:acme/app:ref:refs/heads/main"}}"#,
            "internal",
        ),
        (r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_owner":"acme"}}"#, "internal"),
        (r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}"#, "public"),
        (r#"{"StringLike":{"token.actions.githubusercontent.com:sub":["repo:acme/*","*"]}}"#, "public"),
        (r#"{"StringLikeIfExists":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#, "public"),
        (r#"{"StringNotLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#, "public"),
    ];
    for (condition, want) in cases {
        check(&github(condition), Some(want));
    }
    let cognito = r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:1234"}}}"#;
    check(&policy(cognito), Some("internal"));
}

/// Everyone may read; then a Deny of a principal, an action, a resource, a condition.
fn denied(principal: &str, action: &str, resource: &str, condition: &str) -> String {
    let deny =
        format!(r#"{{"Effect":"Deny",{principal},"Action":"{action}","Resource":{resource},"Condition":{condition}}}"#);
    policy(&format!("{},{deny}", allow(r#""*""#, "{}")))
}

const EVERYONE: &str = r#""Principal":"*""#;
const BUCKET: &str = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;

#[test]
fn denials_take_back_what_they_cover() {
    check(&denied(EVERYONE, "s3:*", BUCKET, "{}"), Some("internal"));
    check(&denied(EVERYONE, "S3:getobject", r#""*""#, "{}"), Some("internal"));
    // other actions, other resources, other principals
    check(&denied(EVERYONE, "s3:PutObject", BUCKET, "{}"), Some("public"));
    check(&denied(EVERYONE, "s3:*", r#""arn:aws:s3:::b/private/*""#, "{}"), Some("public"));
    check(&denied(r#""Principal":{"AWS":"arn:aws:iam::999988887777:root"}"#, "s3:*", BUCKET, "{}"), Some("public"));
    // all but those who are named
    check(
        &denied(r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}"#, "s3:*", BUCKET, "{}"),
        Some("internal"),
    );
    check(
        &denied(r#""NotPrincipal":{"AWS":"arn:aws:iam::999988887777:root"}"#, "s3:*", BUCKET, "{}"),
        Some("external"),
    );
    // not said for sure to cover
    check(
        &denied(EVERYONE, "s3:*", BUCKET, "{}").replace(r#""Action":"s3:*""#, r#""NotAction":"s3:List*""#),
        Some("public"),
    );
    // without anything allowed
    check(&policy(r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#), Some("internal"));
    let but_one =
        r#"{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"*","Resource":"*"}"#;
    check(&policy(but_one), Some("public"));
}

#[test]
fn denials_spare_who_meets_a_condition() {
    let cases = [
        (r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "conditional"),
        (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#, "organization"),
        (r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abc1234567"}}"#, "organization"),
        (
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}"#,
            "organization",
        ),
        (
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            "conditional",
        ),
        // these spare everyone
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, "public"),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#, "public"),
        (r#"{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, "public"),
        (r#"{"ForAnyValue:StringNotEquals":{"aws:PrincipalOrgPaths":"o-a1/"}}"#, "public"),
        (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1"},"Bool":{"aws:SecureTransport":"false"}}"#, "public"),
    ];
    for (condition, want) in cases {
        check(&denied(EVERYONE, "s3:*", BUCKET, condition), Some(want));
    }
}

#[test]
fn however_a_log_writes_it() {
    let public = policy(&allow(r#""*""#, "{}"));
    let quoted = serde_json::Value::from(public.clone()).to_string();
    let twice = serde_json::Value::from(quoted.clone()).to_string();
    let encoded: String = public.bytes().map(|b| format!("%{b:02X}")).collect();
    let shouted =
        public.replace("Statement", "statement").replace("Principal", "PRINCIPAL").replace("Effect", "effect");
    let single = format!(r#"{{"Statement":{}}}"#, allow(r#""*""#, "{}"));
    let alone = r#"{"Sid":"s","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:111122223333:function:f"}"#;
    for text in [&public, &quoted, &twice, &encoded, &shouted, &single, alone] {
        check(text, Some("public"));
    }
    check(&format!(" [{alone}]\n"), Some("public"));
}

#[test]
fn what_is_no_policy() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let broken =
        ["", "public", "{}", "[1]", "null", "\"\"", "{\"Effect\":1}", "%7B", "%7b%zz", "%7Bé", "{\"a\":", &deep];
    for text in broken.into_iter().chain(["{\"Statement\":1}", "{\"Statement\":[{}]}"]) {
        check(text, None);
    }
    check(r#"{"Version":"2012-10-17","Statement":[]}"#, Some("internal"));
    check(&policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#), Some("internal"));
    check(&policy(r#"{"Effect":"Allow","Principal":7,"Action":null,"Condition":[]}"#), Some("internal"));
}

#[test]
fn names_of_outsiders() {
    let statements = [
        allow(r#"{"AWS":["arn:aws:iam::999988887777:root","111122223333","999988887777"]}"#, "{}"),
        allow(r#""*""#, r#"{"StringEquals":{"aws:PrincipalAccount":["222233334444","111122223333"]}}"#),
        allow(r#"{"CanonicalUser":"79a5"}"#, "{}"),
    ];
    let names = |document: &str, own: &str| {
        let statements = parse(document).unwrap_or_default();
        outsiders(&statements, &Own::new(own)).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names(&policy(&statements.join(",")), OWN), ["222233334444", "79a5", "999988887777"]);
    assert_eq!(names(&policy(&allow(r#"{"AWS":"*"}"#, "{}")), OWN), ["*"]);
    let own = policy(&allow(r#"{"AWS":"111122223333"}"#, "{}"));
    assert!(names(&own, OWN).is_empty());
    assert_eq!(names(&own, ""), ["111122223333"]);
}

#[test]
fn administrators() {
    let cases = [
        (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, true),
        (r#"{"Effect":"Allow","Action":["s3:*","*"],"Resource":["*"]}"#, true),
        (r#"{"Effect":"Allow","Action":"*:*","Resource":"*"}"#, true),
        (r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#, true),
        (r#"{"Effect":"Allow","Action":"IAM:*","Resource":"*"}"#, true),
        (r#"{"Effect":"Allow","NotAction":"s3:DeleteBucket","Resource":"*"}"#, true),
        (r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}"#, false),
        (r#"{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#, false),
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, false),
        (r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/*"}"#, false),
        (r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, false),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}"#, false),
        (r#"{"Effect":"Allow","Action":"*","NotResource":"*"}"#, false),
    ];
    for (statement, want) in cases {
        assert_eq!(administers(&parse(&policy(statement)).unwrap()), want, "{statement}");
    }
}

#[test]
fn a_hostile_document_costs_no_more() {
    let stars = "*a".repeat(200_000);
    let text = format!("{}b", "a".repeat(400_000));
    let statements = format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"{text}","Resource":"*"}},{{"Effect":"Deny","Principal":"*","Action":"{stars}","Resource":"*"}}"#
    );
    check(&policy(&statements), Some("public"));
    let denials = r#",{"Effect":"Deny","Principal":"*","Action":"x","Resource":"*"}"#.repeat(2000);
    check(&policy(&(vec![allow(r#""*""#, "{}"); 2000].join(",") + &denials)), Some("public"));
}
