//! The callers of one account in one region: who they are, where they call from and with what.

use crate::accounts::{Account, BASE, Region};
use crate::catalogue::Class;
use crate::identity::{self, Identity, Role, SessionTraits};
use crate::names::{FUNCTIONS, ROLES};
use crate::people::{BOTO, CLI_LINUX, PEOPLE, Person, RUNNERS, TERRAFORM, Zone};
use crate::rng;
use crate::template;

/// Whose key an actor signs with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    None,
    /// A user's own.
    Own(String),
    /// A session's, new for each session; the number tells actors apart.
    Session(u64),
}

/// Where an actor calls from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum From {
    Addresses(Vec<String>),
    /// Some public address of AWS in the region.
    Cloud,
}

/// One caller.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// Position in the roster: the key of its live session.
    pub(crate) id: usize,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) identity: Identity,
    pub(crate) key: Key,
    /// How long a session lasts, seconds.
    pub(crate) session_seconds: i64,
    pub(crate) from: From,
    pub(crate) agents: Vec<String>,
    /// Set for people: when they work.
    pub(crate) zone: Option<Zone>,
    pub(crate) console: bool,
    pub(crate) old_tls: bool,
    /// The VPC endpoint that its calls go through.
    pub(crate) endpoint: Option<String>,
    /// The role behind the session.
    pub(crate) role: Option<Role>,
    /// Subject and provider of a web identity.
    pub(crate) subject: String,
    pub(crate) provider: String,
}

/// All callers of one account in one region, by class.
#[derive(Debug)]
pub(crate) struct Roster {
    classes: Vec<(Class, Vec<Actor>)>,
    linked: Vec<(&'static str, Actor)>,
    pub(crate) size: usize,
}

/// Service-linked roles: the service, the role's name and the session's.
const LINKED: [(&str, &str, &str); 14] = [
    ("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", "access-analyzer"),
    (
        "application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AutoScaling-ManageAlarms",
    ),
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScaling"),
    ("backup.amazonaws.com", "AWSServiceRoleForBackup", "AWSBackup-ServiceLinkedRole"),
    ("config.amazonaws.com", "AWSServiceRoleForConfig", "AWSConfig-Describe"),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS", "ecs-service-scheduler"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing", "ElasticLoadBalancing"),
    ("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", "guardduty"),
    ("inspector2.amazonaws.com", "AWSServiceRoleForAmazonInspector2", "inspector2"),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS", "RDS"),
    ("replication.amazonaws.com", "AWSServiceRoleForReplication", "replication"),
    ("securityhub.amazonaws.com", "AWSServiceRoleForSecurityHub", "securityhub"),
    ("support.amazonaws.com", "AWSServiceRoleForSupport", "support"),
    ("trustedadvisor.amazonaws.com", "AWSServiceRoleForTrustedAdvisor", "TrustedAdvisor"),
];

/// The permission sets of the identity store, with the digits that their roles end in.
const PERMISSION_SETS: [(&str, &str); 4] = [
    ("DeveloperAccess", "5f1c9a7be0d24c68"),
    ("AdministratorAccess", "0b7e6d1a94f3c205"),
    ("ReadOnlyAccess", "c83a10f6d95b7e42"),
    ("DataAnalyst", "71d4e2b80a9c3f56"),
];

/// The role that people of the base account switch to.
const SWITCH_ROLES: [&str; 3] = ["Developer", "Administrator", "ReadOnly"];

const SDK_GO: &str = "aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.24.6 md/GOARCH#amd64 m/E,e";
const SDK_JAVA: &str =
    "aws-sdk-java/2.34.6 md/io#sync ua/2.1 os/Linux#6.1.147 lang/java#21.0.8 exec-env/AWS_ECS_FARGATE m/D,N";
const SDK_JS: &str =
    "aws-sdk-js/3.899.0 ua/2.1 os/linux#5.10.240 lang/js md/nodejs#22.19.0 exec-env/AWS_Lambda_nodejs22.x";
const LAMBDA_PYTHON: &str =
    "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#5.10.240 lang/python#3.12.11 exec-env/AWS_Lambda_python3.12";
const SSM_AGENT: &str = "aws-sdk-go/1.55.5 (go1.23.10; linux; amd64) amazon-ssm-agent/3.3.2746.0";
const OLD_BOTO: &str = "Boto3/1.17.49 Python/3.7.16 Linux/4.14.355-276.639.amzn2.x86_64 Botocore/1.20.112";
const KARPENTER: &str = "aws-sdk-go-v2/1.38.3 ua/2.1 os/linux lang/go#1.24.6 api/ec2#1.251.2 m/E,g karpenter.sh-1.6.3";

/// What a class of actors shares while a roster is built.
struct Place<'a> {
    account: &'a Account,
    region: &'a Region,
    /// The address of its NAT gateways.
    gateways: Vec<String>,
}

impl Roster {
    /// The callers of `account` in `region`; `share` is the region's part of the account's traffic.
    pub(crate) fn new(account: &Account, region: &Region, share: f64) -> Self {
        let place = Place::new(account, region);
        let hosts = 4 + (account.share * share * 220.0) as u64;
        let mut classes = vec![
            (Class::User, place.users()),
            (Class::Console, place.console()),
            (Class::Sso, place.sso()),
            (Class::Switch, place.switch()),
            (Class::Instance, (0..hosts).map(|n| place.instance(n)).collect()),
            (Class::Lambda, FUNCTIONS.iter().map(|f| place.function(f)).collect()),
            (Class::Eks, place.pods()),
            (Class::Ci, place.builds()),
            (Class::Federated, vec![place.federated()]),
            (Class::IdentityCenter, place.identity_center()),
        ];
        let mut linked: Vec<_> =
            LINKED.iter().map(|(service, role, session)| (*service, place.linked(role, session))).collect();
        let mut size = 0;
        for actor in classes.iter_mut().flat_map(|(_, list)| list).chain(linked.iter_mut().map(|(_, actor)| actor)) {
            actor.id = size;
            size += 1;
        }
        Self { classes, linked, size }
    }

    /// The actors of a class; none for the classes that have no session of their own.
    pub(crate) fn of(&self, class: Class) -> &[Actor] {
        self.classes.iter().find(|(c, _)| *c == class).map_or(&[], |(_, list)| list)
    }

    /// The session of the service-linked role of a service.
    pub(crate) fn linked(&self, principal: &str) -> Option<&Actor> {
        self.linked.iter().find(|(service, _)| *service == principal).map(|(_, actor)| actor)
    }
}

fn session_actor(role: Role, session: &str, traits: SessionTraits<'_>) -> Actor {
    Actor {
        identity: identity::role_session(&role, session, traits),
        arn: role.session_arn(session),
        key: Key::Session(rng::fold(&[rng::fold_str(&role.session_arn(session))])),
        role: Some(role),
        ..blank(session)
    }
}

fn blank(name: &str) -> Actor {
    Actor {
        id: 0,
        name: name.to_owned(),
        arn: String::new(),
        identity: Identity::default(),
        key: Key::None,
        session_seconds: 3_600,
        from: From::Cloud,
        agents: Vec::new(),
        zone: None,
        console: false,
        old_tls: false,
        endpoint: None,
        role: None,
        subject: String::new(),
        provider: String::new(),
    }
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|&s| s.to_owned()).collect()
}

fn at_desk(actor: Actor, person: &Person, console: bool) -> Actor {
    Actor {
        from: From::Addresses(owned(person.addresses)),
        agents: if console { owned(&[person.browser]) } else { owned(&[person.tool, person.browser]) },
        zone: Some(person.zone),
        session_seconds: 4 * 3_600,
        console,
        ..actor
    }
}

impl<'a> Place<'a> {
    fn new(account: &'a Account, region: &'a Region) -> Self {
        let gateway = |n: u64| {
            let mut own = rng::Rng::new(rng::fold(&[rng::fold_str(account.id), rng::fold_str(region.name), n]));
            crate::text::built(|buf| template::cloud_address(buf, &mut own, region.nets[0]))
        };
        Self { account, region, gateways: (0..3).map(gateway).collect() }
    }

    fn role(&self, name: &str) -> Role {
        Role::new(self.account.id, "/", name)
    }

    /// IAM users with keys: services of old, and in the base account the people.
    fn users(&self) -> Vec<Actor> {
        let services = ["svc-grafana", "svc-backup", "svc-jenkins", "mailer-smtp"];
        let people: &[Person] = if self.account.id == BASE { &PEOPLE } else { &[] };
        let service = |name: &&str| Actor {
            agents: owned(&[BOTO, OLD_BOTO]),
            from: From::Addresses(self.gateways.clone()),
            old_tls: true,
            ..self.user(name)
        };
        services.iter().map(service).chain(people.iter().map(|p| at_desk(self.user(p.name), p, false))).collect()
    }

    fn user(&self, name: &str) -> Actor {
        Actor {
            identity: identity::user(self.account.id, name),
            arn: format!("arn:aws:iam::{}:user/{name}", self.account.id),
            key: Key::Own(identity::access_key(
                "AKIA",
                rng::fold(&[rng::fold_str(self.account.id), rng::fold_str(name)]),
            )),
            ..blank(name)
        }
    }

    fn console(&self) -> Vec<Actor> {
        if self.account.id != BASE {
            return Vec::new();
        }
        let one = |p: &Person| {
            let actor = self.user(p.name);
            let identity = identity::console_user(self.account.id, p.name);
            let key = Key::Session(rng::fold_str(p.name));
            at_desk(Actor { identity, key, ..actor }, p, true)
        };
        PEOPLE.iter().map(one).collect()
    }

    fn sso(&self) -> Vec<Actor> {
        let one = |(n, person): (usize, &Person)| {
            let (set, digits) = PERMISSION_SETS[n % PERMISSION_SETS.len()];
            let path = "/aws-reserved/sso.amazonaws.com/ap-northeast-1/";
            let role = Role::new(self.account.id, path, &format!("AWSReservedSSO_{set}_{digits}"));
            let session = format!("{}@example.com", person.name);
            at_desk(session_actor(role, &session, SessionTraits::default()), person, n % 3 == 0)
        };
        PEOPLE.iter().enumerate().map(one).collect()
    }

    fn switch(&self) -> Vec<Actor> {
        let one = |(n, person): (usize, &Person)| {
            let role = self.role(SWITCH_ROLES[n % SWITCH_ROLES.len()]);
            let source_identity = (n % 2 == 0).then_some(person.name);
            let traits = SessionTraits { mfa: true, source_identity, ..SessionTraits::default() };
            at_desk(session_actor(role, person.name, traits), person, n % 2 == 1)
        };
        PEOPLE.iter().take(8).enumerate().map(one).collect()
    }

    fn instance(&self, number: u64) -> Actor {
        let name = template::numbered_id("instance", self.account.id, self.region.name, number);
        let role = self.role(if number % 5 == 4 { "ec2-bastion" } else { "ec2-app" });
        let traits = SessionTraits { on_instance: true, ..SessionTraits::default() };
        let inside = number % 4 == 3;
        let private = format!("10.{}.{}.{}", number % 6, number % 64, 10 + number % 200);
        Actor {
            from: From::Addresses(if inside { vec![private] } else { self.gateways.clone() }),
            endpoint: inside.then(|| template::numbered_id("vpce", self.account.id, self.region.name, number % 4)),
            agents: owned(&[SSM_AGENT, BOTO, SDK_JAVA]),
            session_seconds: 6 * 3_600,
            old_tls: number.is_multiple_of(7),
            ..session_actor(role, &name, traits)
        }
    }

    fn function(&self, name: &str) -> Actor {
        let role = self.role(&format!("lambda-{name}"));
        Actor {
            agents: owned(&[LAMBDA_PYTHON, SDK_JS]),
            session_seconds: 12 * 3_600,
            ..session_actor(role, name, SessionTraits::default())
        }
    }

    /// Workloads on Kubernetes, which sign in with the cluster's web identity.
    fn pods(&self) -> Vec<Actor> {
        let cluster = rng::fold(&[rng::fold_str(self.account.id), rng::fold_str(self.region.name)]);
        let issuer = format!("oidc.eks.{}.amazonaws.com/id/{cluster:016X}{:016X}", self.region.name, rng::mix(cluster));
        let provider = format!("arn:aws:iam::{}:oidc-provider/{issuer}", self.account.id);
        let one = |(n, role): (usize, &&str)| {
            let traits = SessionTraits { provider: Some(&provider), ..SessionTraits::default() };
            let session = format!("botocore-session-17600{:05}", rng::mix(cluster ^ n as u64) % 100_000);
            Actor {
                subject: format!("system:serviceaccount:{}:{role}", ["web", "jobs", "kube-system"][n % 3]),
                provider: provider.clone(),
                from: From::Addresses(self.gateways.clone()),
                agents: owned(&[if n % 3 == 2 { KARPENTER } else { SDK_GO }, SDK_JAVA]),
                session_seconds: 24 * 3_600,
                ..session_actor(self.role(role), &session, traits)
            }
        };
        ROLES.iter().take(10).enumerate().map(one).collect()
    }

    /// Build and deploy runs, which sign in with the code host's web identity.
    fn builds(&self) -> Vec<Actor> {
        let provider = format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", self.account.id);
        let one = |(n, repository): (usize, &&str)| {
            let traits = SessionTraits { provider: Some(&provider), ..SessionTraits::default() };
            let role = self.role(["GitHubActionsDeploy", "TerraformApply", "GitHubActionsDeploy"][n % 3]);
            Actor {
                subject: format!("repo:acme/{repository}:ref:refs/heads/main"),
                provider: provider.clone(),
                from: From::Addresses(owned(&RUNNERS)),
                agents: owned(&[if n % 3 == 1 { TERRAFORM } else { CLI_LINUX }]),
                ..session_actor(role, &format!("{repository}-deploy"), traits)
            }
        };
        ["web", "api", "infra", "worker", "mailer"].iter().enumerate().map(one).collect()
    }

    fn federated(&self) -> Actor {
        Actor {
            identity: identity::federated_user(self.account.id, "reports-broker"),
            arn: format!("arn:aws:sts::{}:federated-user/reports-broker", self.account.id),
            key: Key::Session(rng::fold_str("reports-broker")),
            from: From::Addresses(self.gateways.clone()),
            agents: owned(&[SDK_JAVA]),
            session_seconds: 12 * 3_600,
            old_tls: true,
            ..blank("reports-broker")
        }
    }

    fn identity_center(&self) -> Vec<Actor> {
        let one = |p: &Person| Actor {
            identity: identity::identity_center_user(self.account.id, self.region.name, p.name),
            ..at_desk(blank(&format!("{}@example.com", p.name)), p, false)
        };
        PEOPLE.iter().map(one).collect()
    }

    fn linked(&self, role: &str, session: &str) -> Actor {
        let path = "/aws-service-role/";
        session_actor(Role::new(self.account.id, path, role), session, SessionTraits::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{ACCOUNTS, REGIONS};

    #[test]
    fn everybody_has_an_id_of_their_own() {
        let roster = Roster::new(&ACCOUNTS[0], &REGIONS[0], 0.4);
        let mut ids: Vec<_> = roster
            .classes
            .iter()
            .flat_map(|(_, l)| l)
            .chain(roster.linked.iter().map(|(_, a)| a))
            .map(|a| a.id)
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..roster.size).collect::<Vec<_>>());
    }

    #[test]
    fn only_the_base_account_has_people_as_users() {
        for account in &ACCOUNTS {
            let roster = Roster::new(account, &REGIONS[0], 0.4);
            assert_eq!(roster.of(Class::Console).is_empty(), account.id != BASE, "{}", account.alias);
        }
    }
}
