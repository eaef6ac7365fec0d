//! The state without HTTP: names, passwords, lives of sessions and tokens, the file.

use std::sync::atomic::{AtomicI64, Ordering};

use super::tokens::Maker;
use super::*;

const PASSWORD: &str = "correct horse battery";

struct Scene {
    state: State,
    now: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let hand = now.clone();
    let clock: Clock = Arc::new(move || DateTime::from_timestamp(hand.load(Ordering::SeqCst), 0).unwrap());
    let state = State::with_clock(&folder.path().join("inner/state.db"), clock).unwrap();
    Scene { state, now, folder }
}

impl Scene {
    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn sign_in(&self, previous: Option<&str>) -> String {
        let user = self.state.check_password("ann", PASSWORD).unwrap().unwrap();
        self.state.sign_in(user, "192.0.2.1", previous).unwrap().secret
    }

    fn alive(&self, secret: &str) -> bool {
        let policy = SessionPolicy { idle: Duration::from_secs(600), absolute: Duration::from_secs(3600) };
        self.state.session(secret, policy).unwrap().is_some()
    }
}

#[test]
fn user_names() {
    let scene = scene();
    let long = "x".repeat(65);
    for bad in ["", " ann", "ann ", "a\nb", "\u{7}", long.as_str()] {
        assert!(matches!(scene.state.add_user(bad, PASSWORD), Err(StateError::BadName)), "{bad:?}");
    }
    for good in ["ann", "ann@example.com", "山田 太郎", &"x".repeat(64)] {
        scene.state.add_user(good, PASSWORD).unwrap();
    }
    assert!(matches!(scene.state.add_user("ann", PASSWORD), Err(StateError::NameTaken(_))));
    assert_eq!(scene.state.list_users().unwrap().len(), 4);
}

#[test]
fn passwords() {
    let scene = scene();
    for bad in ["", "short", "九文字の合言葉です", &"x".repeat(1025)] {
        assert!(matches!(scene.state.add_user("ann", bad), Err(StateError::BadPassword { .. })), "{}", bad.len());
    }
    scene.state.add_user("ann", PASSWORD).unwrap();
    let check = |name: &str, password: &str| scene.state.check_password(name, password).unwrap().is_some();
    assert!(check("ann", PASSWORD));
    for (name, password) in
        [("ann", ""), ("ann", "correct horse batterz"), ("Ann", PASSWORD), ("bob", PASSWORD), ("", "")]
    {
        assert!(!check(name, password), "{name} {password}");
    }
    assert!(!check("ann", &"x".repeat(3000)));
    scene.state.set_password("ann", "another long password").unwrap();
    assert!(!check("ann", PASSWORD));
    assert!(check("ann", "another long password"));
    assert!(matches!(scene.state.set_password("bob", PASSWORD), Err(StateError::NoSuchUser(_))));
}

#[test]
fn sessions_end() {
    let scene = scene();
    scene.state.add_user("ann", PASSWORD).unwrap();
    let idle = scene.sign_in(None);
    scene.pass(599);
    assert!(scene.alive(&idle));
    scene.pass(599);
    assert!(scene.alive(&idle), "use keeps it alive");
    scene.pass(600);
    assert!(!scene.alive(&idle), "idle");

    let old = scene.sign_in(None);
    for _ in 0..6 {
        scene.pass(590);
        assert!(scene.alive(&old));
    }
    scene.pass(60);
    assert!(!scene.alive(&old), "absolute");

    let out = scene.sign_in(None);
    scene.state.sign_out(&out, "ann", "192.0.2.1").unwrap();
    assert!(!scene.alive(&out), "signed out");

    let first = scene.sign_in(None);
    let second = scene.sign_in(Some(&first));
    assert!(!scene.alive(&first) && scene.alive(&second), "rotated");
    scene.state.set_password("ann", PASSWORD).unwrap();
    assert!(!scene.alive(&second), "new password");

    let last = scene.sign_in(None);
    scene.state.remove_user("ann").unwrap();
    assert!(!scene.alive(&last), "user removed");
    assert!(!scene.alive("") && !scene.alive("invented"));
}

#[test]
fn tokens_live_and_die() {
    let scene = scene();
    let open = scene.state.create_token(None, "before", None).unwrap();
    assert!(scene.state.token(&open.token).unwrap().is_some());
    scene.state.add_user("ann", PASSWORD).unwrap();
    assert!(scene.state.token(&open.token).unwrap().is_none(), "made while the server was open");
    assert!(scene.state.create_token(None, "after", None).is_err());
    assert!(matches!(scene.state.create_token(Some("bob"), "x", None), Err(StateError::NoSuchUser(_))));

    let day = scene.state.create_token(Some("ann"), "one day", Some(1)).unwrap();
    let ever = scene.state.create_token(Some("ann"), "for ever", None).unwrap();
    assert_eq!(day.token.len(), 46);
    assert!(day.token.starts_with("th_"));
    scene.pass(86_399);
    assert!(scene.state.token(&day.token).unwrap().is_some());
    scene.pass(1);
    assert!(scene.state.token(&day.token).unwrap().is_none(), "expired");
    let used = scene.state.token(&ever.token).unwrap().unwrap();
    assert_eq!((used.name.as_str(), used.user.as_ref().map(|u| u.name.as_str())), ("for ever", Some("ann")));

    for (name, days) in [("", None), (" ", None), ("a\tb", None), ("x", Some(0)), ("x", Some(3651))] {
        assert!(scene.state.create_token(Some("ann"), name, days).is_err(), "{name:?} {days:?}");
    }
    let ann = used.user.unwrap();
    assert!(!scene.state.delete_token(None, &ever.info.id, "local", "").unwrap(), "not the owner");
    assert!(scene.state.delete_token(Some(&ann), &ever.info.id, "ann", "").unwrap());
    assert!(scene.state.token(&ever.token).unwrap().is_none());
}

#[test]
fn a_token_made_with_a_token_does_not_outlive_it() {
    let scene = scene();
    let parent = scene.state.seconds() + 1000;
    let maker = Maker { user: None, actor: "token x", address: "", not_after: Some(parent) };
    for (days, expected) in [(None, parent), (Some(1), parent), (Some(3650), parent)] {
        assert_eq!(scene.state.make_token(&maker, "child", days).unwrap().info.expires_at, Some(expected));
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let scene = scene();
    scene.state.add_user("ann", PASSWORD).unwrap();
    let folder = scene.folder.path().join("inner");
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files >= 2, "the database and its journal");
}

#[test]
fn secrets_are_not_in_the_file() {
    let scene = scene();
    scene.state.add_user("ann", PASSWORD).unwrap();
    let session = scene.sign_in(None);
    let token = scene.state.create_token(Some("ann"), "ci", None).unwrap().token;
    for entry in std::fs::read_dir(scene.folder.path().join("inner")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [PASSWORD, &session, &token, token.trim_start_matches("th_")] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} is stored");
        }
    }
}

#[test]
fn reopened_and_from_the_future() {
    let scene = scene();
    scene.state.add_user("ann", PASSWORD).unwrap();
    let path = scene.folder.path().join("inner/state.db");
    assert!(State::open(&path).unwrap().has_users().unwrap());
    scene.state.db().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(State::open(&path), Err(StateError::TooNew { found: 99, .. })));
}

#[test]
fn the_audit_log_is_bounded_and_forgets() {
    let scene = scene();
    let huge = "é".repeat(100_000);
    scene.state.audit("ann", "192.0.2.1", Action::Query, &huge).unwrap();
    let entry = scene.state.audit_log(1).unwrap().remove(0);
    assert!(entry.detail.len() < 17_000 && entry.detail.contains("200000 bytes, sha256 "), "{}", entry.detail.len());
    scene.pass(401 * 86_400);
    scene.state.forget_old().unwrap();
    assert_eq!(scene.state.audit_log(10).unwrap(), []);
}

#[test]
fn the_csrf_token_belongs_to_its_session() {
    assert_ne!(csrf_for("a"), csrf_for("b"));
    assert_eq!(csrf_for("a"), csrf_for("a"));
    assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "x"));
}
