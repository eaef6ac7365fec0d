//! What a client program says of itself: name and version, operating system, device, and the kind of program that it is.
//! Names are those that Elastic's user agent parser gives; the kinds are ours, for what matters in a cloud account.

/// A client program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserAgent {
    /// Its name; `Other` where it is none that is known.
    pub name: String,
    /// Its version, as far as it is given.
    pub version: Option<String>,
    /// Operating system.
    pub os_name: Option<&'static str>,
    /// Version of that.
    pub os_version: Option<String>,
    /// Kind of device: `Spider`, `Mac`, `iPhone`, … or `Other`.
    pub device: &'static str,
    /// What kind of program it is.
    pub kind: AgentKind,
}

/// Kinds of client programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AgentKind {
    /// A tool that is made for attacks or for exercising them, or a system that is made for such tools.
    AttackTool,
    /// The AWS console, or a person's browser at it.
    Console,
    /// The AWS command line.
    Cli,
    /// Terraform, CloudFormation and others that build infrastructure.
    Infrastructure,
    /// A program with one of AWS's SDKs.
    Sdk,
    /// An AWS service.
    Service,
    /// A browser.
    Browser,
    /// A general HTTP client or library.
    HttpClient,
    /// Anything else.
    #[default]
    Other,
}

impl AgentKind {
    /// The text of the column `user_agent_kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AttackTool => "attack-tool",
            Self::Console => "console",
            Self::Cli => "cli",
            Self::Infrastructure => "infrastructure",
            Self::Sdk => "sdk",
            Self::Service => "service",
            Self::Browser => "browser",
            Self::HttpClient => "http-client",
            Self::Other => "other",
        }
    }
}

/// Longest text that is looked at: a header of many kilobytes says nothing more.
const LONGEST: usize = 2048;

/// Words that give attack tools away, in lower case.
const ATTACK: [&str; 28] = [
    "stratus-red-team",
    "pacu",
    "cloudfox",
    "scoutsuite",
    "scout suite",
    "prowler",
    "trufflehog",
    "enumerate-iam",
    "weirdaal",
    "cloudgoat",
    "grimoire",
    "s3scanner",
    "bucket_finder",
    "endgame/",
    "sqlmap",
    "nikto",
    "nmap",
    "masscan",
    "zgrab",
    "nuclei",
    "gobuster",
    "dirbuster",
    "feroxbuster",
    "hydra/",
    "metasploit",
    "kali",
    "parrot",
    "pentoo",
];

const INFRASTRUCTURE: [&str; 8] =
    ["terraform", "cloudformation", "pulumi", "aws-cdk", "ansible", "crossplane", "opentofu", "serverless"];

const CONSOLE: [&str; 7] = [
    "s3console",
    "signin.amazonaws.com",
    "console.amazonaws.com",
    "console.ec2",
    "aws-console",
    "awsconsole",
    "aws console",
];

/// Clients whose token is `name/version`: the token, the name to give, and the kind.
const CLIENTS: [(&str, &str, AgentKind); 22] = [
    ("aws-cli", "aws-cli", AgentKind::Cli),
    ("boto3", "Boto3", AgentKind::Sdk),
    ("boto", "Boto", AgentKind::Sdk),
    ("aws-sdk-", "", AgentKind::Sdk),
    ("botocore", "Botocore", AgentKind::Sdk),
    ("jets3t", "JetS3t", AgentKind::Sdk),
    ("s3fs", "s3fs", AgentKind::Sdk),
    ("rclone", "rclone", AgentKind::HttpClient),
    ("curl", "curl", AgentKind::HttpClient),
    ("wget", "Wget", AgentKind::HttpClient),
    ("python-requests", "Python Requests", AgentKind::HttpClient),
    ("python-urllib", "Python-urllib", AgentKind::HttpClient),
    ("python-httpx", "Python-httpx", AgentKind::HttpClient),
    ("aiohttp", "Python aiohttp", AgentKind::HttpClient),
    ("go-http-client", "Go-http-client", AgentKind::HttpClient),
    ("okhttp", "okhttp", AgentKind::HttpClient),
    ("apache-httpclient", "Apache-HttpClient", AgentKind::HttpClient),
    ("postmanruntime", "PostmanRuntime", AgentKind::HttpClient),
    ("axios", "axios", AgentKind::HttpClient),
    ("libwww-perl", "libwww-perl", AgentKind::HttpClient),
    ("java", "Java", AgentKind::HttpClient),
    ("elb-healthchecker", "ELB-HealthChecker", AgentKind::Service),
];

/// Browsers by their token, most telling first.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "HeadlessChrome"),
    ("CriOS/", "Chrome Mobile iOS"),
    ("FxiOS/", "Firefox iOS"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("MSIE ", "IE"),
];

const SPIDERS: [&str; 9] =
    ["bot", "crawl", "spider", "slurp", "python-urllib", "winhttp", "wordpress", "masscan", "zgrab"];

/// Takes a user agent apart.
pub fn parse(text: &str) -> UserAgent {
    let text = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    let folded = text.to_ascii_lowercase();
    let (name, version, base) = program(text, &folded);
    let (os_name, os_version) = system(text, &folded);
    UserAgent { kind: kind(&folded, base), device: device(text, &folded), name, version, os_name, os_version }
}

fn kind(folded: &str, base: AgentKind) -> AgentKind {
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    if has(&ATTACK) {
        AgentKind::AttackTool
    } else if has(&CONSOLE) {
        AgentKind::Console
    } else if has(&INFRASTRUCTURE) {
        AgentKind::Infrastructure
    } else if base != AgentKind::Other {
        base
    } else if folded.ends_with(".amazonaws.com") || folded.starts_with("aws internal") {
        AgentKind::Service
    } else {
        AgentKind::Other
    }
}

fn program(text: &str, folded: &str) -> (String, Option<String>, AgentKind) {
    // The first token that is a known client's, wherever it stands: SDKs are named behind what uses them.
    for (start, token) in tokens(folded) {
        let Some((token_name, _)) = token.split_once('/') else { continue };
        let known =
            CLIENTS.iter().find(|(key, ..)| *key == token_name || (key.ends_with('-') && token_name.starts_with(key)));
        if let Some((_, name, kind)) = known {
            let written = text.get(start..start + token_name.len()).unwrap_or(token_name);
            let name = if name.is_empty() { written } else { name };
            let rest = &text[start + token_name.len() + 1..];
            let version = match name {
                "Python Requests" => shortened(version(rest), 2),
                // `1.8.0_265` is Java 8.
                "Java" => version(rest.strip_prefix("1.").unwrap_or(rest).replacen('_', ".", 1).as_str()),
                _ => version(rest),
            };
            return (name.to_owned(), version, *kind);
        }
        if token_name.ends_with("bot") || token_name.ends_with("spider") || token_name.ends_with("crawler") {
            let written = text.get(start..start + token_name.len()).unwrap_or(token_name);
            return (written.to_owned(), version(&text[start + token_name.len() + 1..]), AgentKind::Other);
        }
    }
    if text.starts_with("Opera/") {
        let number = after(text, "Version/").or_else(|| after(text, "Opera/"));
        return ("Opera".into(), number.and_then(version), AgentKind::Browser);
    }
    for (token, name) in BROWSERS {
        let Some(at) = text.find(token) else { continue };
        if name == "Safari" && !text.contains("Safari/") {
            continue;
        }
        let mobile = text.contains("Mobile");
        let name = match name {
            "Chrome" if text.contains("; wv)") => "Chrome Mobile WebView",
            "Chrome" if mobile => "Chrome Mobile",
            "Safari" if mobile => "Mobile Safari",
            "Firefox" if mobile => "Firefox Mobile",
            other => other,
        };
        let version = version(&text[at + token.len()..]);
        let version = if matches!(name, "HeadlessChrome" | "Opera") { shortened(version, 3) } else { version };
        return (name.to_owned(), version, AgentKind::Browser);
    }
    if text.contains("Trident/7.0") {
        return ("IE".into(), Some("11.0".into()), AgentKind::Browser);
    }
    if text.contains("like Mac OS X") && text.contains("AppleWebKit/") {
        return ("Mobile Safari UI/WKWebView".into(), None, AgentKind::Browser);
    }
    ("Other".into(), None, AgentKind::Other)
}

/// Tokens with their place; brackets and commas separate as spaces do.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',' | ';' | '"');
    text.split(separator)
        .filter(|token| !token.is_empty())
        .map(move |token| (token.as_ptr() as usize - text.as_ptr() as usize, token))
}

/// The number that a text begins with, `1.16.248`.
fn version(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let number = text[..end].trim_end_matches('.');
    (!number.is_empty() && number.starts_with(|c: char| c.is_ascii_digit())).then(|| number.to_owned())
}

/// A version without the numbers behind the first ones.
fn shortened(version: Option<String>, numbers: usize) -> Option<String> {
    version.map(|version| version.split('.').take(numbers).collect::<Vec<_>>().join("."))
}

/// Versions of Windows by their NT number.
const WINDOWS: [(&str, &str); 8] = [
    ("10.0", "10"),
    ("6.3", "8.1"),
    ("6.2", "8"),
    ("6.1", "7"),
    ("6.0", "Vista"),
    ("5.2", "XP"),
    ("5.1", "XP"),
    ("5.0", "2000"),
];

fn system(text: &str, folded: &str) -> (Option<&'static str>, Option<String>) {
    if let Some(rest) = after(text, "Windows NT ") {
        let number = version(rest).unwrap_or_default();
        let known = WINDOWS.iter().find(|(nt, _)| *nt == number).map(|(_, name)| (*name).to_owned());
        return (Some("Windows"), known.or(Some(number).filter(|n| !n.is_empty())));
    }
    for (token, name) in [("iPhone OS ", "iOS"), ("CPU OS ", "iOS"), ("Mac OS X ", "Mac OS X")] {
        if let Some(rest) = after(text, token) {
            return (Some(name), version(&rest.replace('_', ".")));
        }
    }
    for (token, name) in [
        ("android ", "Android"),
        ("cros x86_64 ", "Chrome OS"),
        ("windows/", "Windows"),
        ("linux/", "Linux"),
        ("os/linux#", "Linux"),
        ("os/macos#", "Mac OS X"),
        ("os/windows#", "Windows"),
    ] {
        if let Some(rest) = after(folded, token) {
            return (Some(name), version(rest));
        }
    }
    for (token, name) in [("ubuntu", "Ubuntu"), ("fedora", "Fedora"), ("x11; linux", "Linux"), ("linux", "Linux")] {
        if folded.contains(token) {
            return (Some(name), None);
        }
    }
    (None, None)
}

fn after<'a>(text: &'a str, token: &str) -> Option<&'a str> {
    text.find(token).map(|at| &text[at + token.len()..])
}

fn device(text: &str, folded: &str) -> &'static str {
    if SPIDERS.iter().any(|word| folded.contains(word)) || text.contains("Java/") {
        return "Spider";
    }
    let known = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Macintosh", "Mac"),
        ("Android", if text.contains("Mobile") { "Generic Smartphone" } else { "Generic Tablet" }),
    ];
    known.into_iter().find(|(word, _)| text.contains(word)).map_or("Other", |(_, device)| device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: (&str, &str), os: (&str, &str), device: &str, kind: AgentKind) {
        let agent = parse(text);
        let shown = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!((agent.name.as_str(), shown(&agent.version).as_str()), expected, "{text}");
        assert_eq!((agent.os_name.unwrap_or_default(), shown(&agent.os_version).as_str()), os, "{text}");
        assert_eq!((agent.device, agent.kind), (device, kind), "{text}");
    }

    #[test]
    fn clients_of_aws() {
        use AgentKind::*;
        let cli = "aws-cli/1.16.248 Python/3.4.7 Linux/4.9.184-0.1.ac.x86_64 botocore/1.12.239";
        check(cli, ("aws-cli", "1.16.248"), ("Linux", "4.9.184"), "Spider", Cli);
        let cli = "aws-cli/2.14.5 Python/3.11.6 Darwin/23.6.0 exe/x86_64 prompt/off command/rds.create-db-instance";
        check(cli, ("aws-cli", "2.14.5"), ("", ""), "Other", Cli);
        let java = "AWS-Support-TrustedAdvisor, aws-internal/3 aws-sdk-java/1.11.590 Linux/4.9.137-0.1 vendor/Oracle";
        check(java, ("aws-sdk-java", "1.11.590"), ("Linux", "4.9.137"), "Other", Sdk);
        check(
            "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.4]",
            ("aws-sdk-java", "1.11.4"),
            ("", ""),
            "Other",
            Console,
        );
        check(
            "Boto3/1.7.0 Python/3.6 Windows/10 Botocore/1.10.0",
            ("Boto3", "1.7.0"),
            ("Windows", "10"),
            "Spider",
            Sdk,
        );
        let terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.5.0 (+https://www.terraform.io) aws-sdk-go/1.44.2 (go1.19; linux; amd64)";
        check(terraform, ("aws-sdk-go", "1.44.2"), ("Linux", ""), "Other", Infrastructure);
        check("cloudtrail.amazonaws.com", ("Other", ""), ("", ""), "Other", Service);
        check("signin.amazonaws.com", ("Other", ""), ("", ""), "Other", Console);
        check("stratus-red-team_bdd216cd", ("Other", ""), ("", ""), "Other", AttackTool);
        check(
            "aws-cli/2.0 Python/3.9 Linux/5.16.0-kali7",
            ("aws-cli", "2.0"),
            ("Linux", "5.16.0"),
            "Other",
            AttackTool,
        );
    }

    #[test]
    fn browsers_and_other_clients() {
        use AgentKind::*;
        let firefox = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:24.0) Gecko/20100101 Firefox/24.0";
        check(firefox, ("Firefox", "24.0"), ("Windows", "7"), "Other", Browser);
        let chrome = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Safari/537.36";
        check(chrome, ("Chrome", "110.0.0.0"), ("Mac OS X", "10.15.7"), "Mac", Browser);
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 14_2 like Mac OS X) AppleWebKit/605 Version/14.0 Mobile/15 Safari/604.1";
        check(phone, ("Mobile Safari", "14.0"), ("iOS", "14.2"), "iPhone", Browser);
        check("curl/7.46.0", ("curl", "7.46.0"), ("", ""), "Other", HttpClient);
        check("python-requests/2.31.0", ("Python Requests", "2.31"), ("", ""), "Other", HttpClient);
        check("Java/1.8.0_265", ("Java", "8.0.265"), ("", ""), "Spider", HttpClient);
        let bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        check(bot, ("Googlebot", "2.1"), ("", ""), "Spider", Other);
        let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/90.0.4430.212 Safari/537.36";
        check(headless, ("HeadlessChrome", "90.0.4430"), ("Linux", ""), "Other", Browser);
        let opera = "Opera/9.80 (Windows NT 6.0) Presto/2.12.388 Version/12.14";
        check(opera, ("Opera", "12.14"), ("Windows", "Vista"), "Other", Browser);
        let inside = "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
        check(inside, ("Mobile Safari UI/WKWebView", ""), ("iOS", "13.3"), "iPhone", Browser);
        let view = "Mozilla/5.0 (Linux; Android 9; SM-T510; wv) AppleWebKit/537.36 Version/4.0 Chrome/80.0.3987.99 Safari/537.36";
        check(view, ("Chrome Mobile WebView", "80.0.3987.99"), ("Android", "9"), "Generic Tablet", Browser);
        check("Hello, world", ("Other", ""), ("", ""), "Other", Other);
        check("", ("Other", ""), ("", ""), "Other", Other);
        check(&"é".repeat(9000), ("Other", ""), ("", ""), "Other", Other);
    }
}
