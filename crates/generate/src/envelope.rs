//! A record as JSON text, field by field in the order in which CloudTrail writes them.

use crate::catalogue::{Category, Class};
use crate::identity;
use crate::names::Scene;
use crate::people::{INTERNET, PEOPLE, Person};
use crate::record::{Call, Writer};
use crate::rng;
use crate::roster::{Actor, From, Key};
use crate::template::{self, Context, Target, Template};
use crate::text::{self, put};

/// What calls S3 for somebody in the console.
const S3_CONSOLE: &str = "S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.225-191.878.amzn2int.x86_64 OpenJDK_64-Bit_Server_VM/25.422-b05 java/1.8.0_422 vendor/N/A cfg/retry-mode/standard";
/// Another account's software.
const FOREIGN_SDK: &str =
    "aws-sdk-java/2.34.6 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.147 lang/java#21.0.8 md/vendor#Amazon.com_Inc.";
/// Accounts that read across: two of the organisation, one outside.
const READERS: [&str; 3] = ["222233334444", "777788889999", "999999999999"];

/// `open`, the value and a closing quote and brace.
fn close_with(buf: &mut Vec<u8>, open: &str, value: &str) {
    put(buf, open);
    put(buf, value);
    put(buf, "\"}");
}

impl<'a> Writer<'a> {
    /// Appends the record.
    pub(crate) fn write(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let entry = call.entry;
        put(buf, r#"{"eventVersion":""#);
        put(buf, if call.old { "1.05" } else { &entry.version });
        put(buf, r#"","userIdentity":"#);
        self.user_identity(buf, call);
        put(buf, r#","eventTime":""#);
        text::iso(buf, call.time);
        put(buf, r#"","eventSource":""#);
        put(buf, &entry.source);
        put(buf, r#"","eventName":""#);
        put(buf, &entry.name);
        put(buf, r#"","awsRegion":""#);
        put(buf, self.stream.region.name);
        put(buf, r#"","sourceIPAddress":""#);
        self.address(buf, call);
        if entry.category != Category::NetworkActivity {
            put(buf, r#"","userAgent":""#);
            self.agent(buf, call);
        }
        buf.push(b'"');
        self.outcome(buf, call);
        self.sections(buf, call);
        self.ids(buf, call);
        self.classification(buf, call);
        self.transport(buf, call);
        buf.push(b'}');
    }

    fn user_identity(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let principal = &call.caller.principal;
        match (call.caller.class, call.actor) {
            (Class::Service, _) => close_with(buf, r#"{"type":"AWSService","invokedBy":""#, principal),
            (Class::Bare, _) => {
                put(buf, r#"{"accountId":""#);
                put(buf, self.stream.account.id);
                close_with(buf, r#"","invokedBy":""#, principal);
            }
            (Class::Anonymous, _) => put(buf, r#"{"type":"AWSAccount","principalId":"","accountId":"anonymous"}"#),
            (Class::Unknown, _) => put(buf, r#"{"type":"Unknown","principalId":"Anonymous"}"#),
            (Class::Cross, _) => other_account(buf, self.stream.account.id, call.pick),
            (Class::WebIdentity, _) => self.web_identity(buf),
            (Class::Saml, _) => self.saml_identity(buf),
            (_, Some(actor)) => self.actor_identity(buf, call, actor),
            (_, None) => put(buf, r#"{"type":"Unknown"}"#),
        }
    }

    fn actor_identity(&self, buf: &mut Vec<u8>, call: &Call<'_>, actor: &Actor) {
        put(buf, &actor.identity.head);
        match &actor.key {
            Key::None => {}
            Key::Own(key) => {
                put(buf, key);
                put(buf, &actor.identity.middle);
            }
            Key::Session(salt) => self.session(buf, call.time, actor, *salt),
        }
        if matches!(call.caller.class, Class::OnBehalf | Class::ServiceLinked) {
            buf.pop();
            close_with(buf, r#","invokedBy":""#, &call.caller.principal);
        }
    }

    /// The session that this object handed out, or else the one that began before it: its key follows from its start.
    fn session(&self, buf: &mut Vec<u8>, time: i64, actor: &Actor, salt: u64) {
        let live = self.live[actor.id].as_ref().filter(|l| time - l.since < actor.session_seconds);
        let start = time - (time + (salt >> 40) as i64).rem_euclid(actor.session_seconds);
        match live {
            Some(live) => put(buf, &live.key),
            None => put(
                buf,
                &identity::access_key(
                    "ASIA",
                    rng::fold(&[salt, start.unsigned_abs(), rng::fold_str(self.stream.region.name)]),
                ),
            ),
        }
        put(buf, &actor.identity.middle);
        text::iso(buf, live.map_or(start, |l| l.since));
        put(buf, &actor.identity.tail);
    }

    fn web_identity(&self, buf: &mut Vec<u8>) {
        let Target { subject, provider, .. } = &self.target;
        put(buf, r#"{"type":"WebIdentityUser","principalId":""#);
        for part in [provider, ":sts.amazonaws.com:", subject, r#"","userName":""#, subject] {
            put(buf, part);
        }
        close_with(buf, r#"","identityProvider":""#, provider);
    }

    fn saml_identity(&self, buf: &mut Vec<u8>) {
        let qualifier = "Zk93YjRxVGVzdElkZW50aXR5PQ=";
        let session = &self.target.session;
        put(buf, r#"{"type":"SAMLUser","principalId":""#);
        for part in [qualifier, ":", session, r#"","userName":""#, session] {
            put(buf, part);
        }
        close_with(buf, r#"","identityProvider":""#, qualifier);
    }

    fn address(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        if call.by_service() {
            return put(buf, &call.caller.principal);
        }
        match (call.caller.class, call.actor.map(|a| &a.from)) {
            (Class::Anonymous | Class::Unknown, _) => self.internet(buf),
            (Class::Saml, _) => put(buf, self.federated().addresses[0]),
            (Class::Cross, _) if call.entry.category == Category::NetworkActivity => put(buf, "10.2.14.7"),
            (_, Some(From::Addresses(list))) if !list.is_empty() => put(buf, &list[self.rng.index(list.len())]),
            _ => {
                let nets = self.stream.region.nets;
                let net = nets[self.rng.index(nets.len())];
                template::cloud_address(buf, &mut self.rng, net);
            }
        }
    }

    /// The person whose session a sign-in with SAML begins.
    fn federated(&mut self) -> &'static Person {
        let session = &self.target.session;
        let named =
            PEOPLE.iter().find(|person| session.strip_prefix(person.name).is_some_and(|rest| !rest.starts_with('.')));
        named.unwrap_or_else(|| &PEOPLE[self.rng.index(PEOPLE.len())])
    }

    fn internet(&mut self, buf: &mut Vec<u8>) {
        put(buf, INTERNET[rng::skew(self.rng.next(), INTERNET.len() as u64) as usize]);
        buf.push(b'.');
        text::number(buf, 1 + self.rng.below(254));
    }

    fn agent(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        if call.by_service() {
            return put(buf, &call.caller.principal);
        }
        let agent = match (call.caller.class, call.actor) {
            (Class::Saml, _) => self.federated().browser,
            (Class::Anonymous | Class::Unknown, _) => PEOPLE[self.rng.index(PEOPLE.len())].browser,
            (Class::Console, _) if call.entry.s3 => S3_CONSOLE,
            (_, Some(actor)) if !actor.agents.is_empty() => {
                &actor.agents[(call.pick % actor.agents.len() as u64) as usize]
            }
            _ => FOREIGN_SDK,
        };
        // S3 puts the agent in brackets.
        let (open, close) = if call.entry.s3 { ("[", "]") } else { ("", "") };
        for part in [open, agent, close] {
            put(buf, part);
        }
    }

    /// Writes a template in the light of this call; `null` where there is none.
    fn fill(&mut self, buf: &mut Vec<u8>, name: &str, template: Option<&Template>, call: &Call<'a>) {
        put(buf, name);
        let Some(template) = template else { return put(buf, "null") };
        let stream = self.stream;
        let scene = Scene {
            account: stream.account.id,
            alias: stream.account.alias,
            region: stream.region.name,
            time: call.time,
            pick: call.pick,
            public: call.caller.class == Class::Anonymous,
        };
        let context = Context {
            scene,
            self_name: call.actor.map_or("", |a| &a.name),
            self_arn: call.actor.map_or("", |a| &a.arn),
            target: &self.target,
            cloud_net: stream.region.nets[0],
        };
        template.write(buf, &mut self.rng, &context);
    }

    fn outcome(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        if let Some(failure) = call.failure {
            put(buf, r#","errorCode":""#);
            put(buf, &failure.code);
            self.fill(buf, r#"","errorMessage":""#, Some(&failure.message), call);
            buf.push(b'"');
        }
    }

    fn sections(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let entry = call.entry;
        if entry.category == Category::NetworkActivity {
            return;
        }
        self.fill(buf, r#","requestParameters":"#, entry.request.as_ref(), call);
        let response = entry.response.as_ref().filter(|_| call.failure.is_none());
        self.fill(buf, r#","responseElements":"#, response, call);
        if entry.additional.is_some() {
            self.fill(buf, r#","additionalEventData":"#, entry.additional.as_ref(), call);
        } else if entry.s3 {
            self.transfer(buf, call);
        }
    }

    /// S3's `additionalEventData`.
    fn transfer(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let received = if entry_writes(&call.entry.name) { rng::skew(self.rng.next(), 8_000_000) } else { 0 };
        let sent =
            if call.entry.name == "GetObject" { rng::skew(self.rng.next(), 20_000_000) } else { self.rng.below(900) };
        put(
            buf,
            r#","additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":"#,
        );
        text::number(buf, received);
        if call.failure.is_none() && entry_writes(&call.entry.name) {
            put(buf, r#","SSEApplied":"SSE_KMS""#);
        }
        put(buf, r#","AuthenticationMethod":"AuthHeader","x-amz-id-2":""#);
        text::base64(buf, &mut self.rng, 74);
        put(buf, r#"==","bytesTransferredOut":"#);
        text::number(buf, sent);
        buf.push(b'}');
    }

    fn ids(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        // Sign-in events and service events answer no request.
        if call.entry.event_type == "AwsApiCall" {
            put(buf, r#","requestID":""#);
            if call.entry.s3 {
                text::upper(buf, &mut self.rng, 16);
            } else {
                text::uuid(buf, &mut self.rng);
            }
            buf.push(b'"');
        }
        put(buf, r#","eventID":""#);
        text::uuid(buf, &mut self.rng);
        buf.push(b'"');
    }

    fn classification(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let entry = call.entry;
        let (management, category) = match entry.category {
            Category::Management => ("true", "Management"),
            Category::Data => ("false", "Data"),
            Category::NetworkActivity => ("", "NetworkActivity"),
        };
        if !management.is_empty() {
            put(buf, if entry.read_only { r#","readOnly":true"# } else { r#","readOnly":false"# });
        }
        if entry.resources.is_some() {
            self.fill(buf, r#","resources":"#, entry.resources.as_ref(), call);
        }
        put(buf, r#","eventType":""#);
        put(buf, &entry.event_type);
        buf.push(b'"');
        if let Some(version) = &entry.api_version {
            put(buf, r#","apiVersion":""#);
            put(buf, version);
            buf.push(b'"');
        }
        if !call.old && !management.is_empty() {
            put(buf, r#","managementEvent":"#);
            put(buf, management);
        }
        put(buf, r#","recipientAccountId":""#);
        put(buf, self.stream.account.id);
        buf.push(b'"');
        self.sharing(buf, call);
        if !call.old {
            put(buf, r#","eventCategory":""#);
            put(buf, category);
            buf.push(b'"');
        }
    }

    /// What only some records have between account and category: the other account's copy, service details, the endpoint.
    fn sharing(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        if matches!(call.caller.class, Class::Cross | Class::Service) && call.entry.source != "s3.amazonaws.com" {
            put(buf, r#","sharedEventID":""#);
            text::uuid(buf, &mut self.rng);
            buf.push(b'"');
        }
        if call.entry.details.is_some() {
            self.fill(buf, r#","serviceEventDetails":"#, call.entry.details.as_ref(), call);
        }
        let endpoint = call.actor.and_then(|a| a.endpoint.as_deref()).filter(|_| !call.by_service());
        let network = (call.entry.category == Category::NetworkActivity).then_some("vpce-0c1d7e5a9b3f20468");
        if let Some(endpoint) = endpoint.or(network) {
            for part in
                [r#","vpcEndpointId":""#, endpoint, r#"","vpcEndpointAccountId":""#, self.stream.account.id, "\""]
            {
                put(buf, part);
            }
        }
    }

    fn transport(&mut self, buf: &mut Vec<u8>, call: &Call<'a>) {
        let console = call.actor.is_some_and(|a| a.console) && !call.by_service();
        let hidden = call.old
            || call.by_service()
            || call.entry.category == Category::NetworkActivity
            || (console && call.pick & 1 == 0);
        if !hidden {
            let suite = if call.actor.is_some_and(|a| a.old_tls) {
                r#","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":""#
            } else {
                r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":""#
            };
            self.fill(buf, suite, Some(&call.entry.host), call);
            let exchanges = call.entry.version == "1.11" && call.pick & 2 == 0;
            put(buf, if exchanges { r#"","keyExchange":"X25519MLKEM768"}"# } else { "\"}" });
        }
        if console && !call.old {
            put(buf, r#","sessionCredentialFromConsole":"true""#);
        }
    }
}

fn other_account(buf: &mut Vec<u8>, own: &str, pick: u64) {
    let drawn = READERS[(pick % READERS.len() as u64) as usize];
    let account = if drawn == own { READERS[2] } else { drawn };
    put(buf, r#"{"type":"AWSAccount","principalId":""#);
    put(buf, &identity::principal_id("AROA", account, "partner-sync"));
    close_with(buf, r#":partner-sync","accountId":""#, account);
}

fn entry_writes(name: &str) -> bool {
    matches!(name, "PutObject" | "UploadPart")
}
