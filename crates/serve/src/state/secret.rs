//! Random secrets, what is stored of them, and passwords.

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::StateError;

/// Fewest characters of a password.
pub(super) const PASSWORD_MIN: usize = 10;
/// Most bytes of a password: argon2 would take more, a request shall not make it.
pub(super) const PASSWORD_MAX: usize = 1024;

/// `N` bytes from the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], StateError> {
    let mut bytes = [0; N];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|e| StateError::Random(e.to_string()))?;
    Ok(bytes)
}

/// 32 random bytes as 43 characters of base64url.
pub(super) fn secret() -> Result<String, StateError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// What is stored of a secret. No salt and no stretching: 256 random bits can't be guessed.
pub(super) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The CSRF token that goes with a session: made from its secret, so that it needs no place of its own and changes with it.
pub(crate) fn csrf_for(session: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"trailhound csrf\0");
    hash.update(session.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Compares without telling by the time taken where the difference is.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The argon2id hash of a password as a PHC string, with the parameters that OWASP names (19 MiB, two passes).
pub(super) fn hash_password(password: &str) -> Result<String, StateError> {
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(StateError::BadPassword { min: PASSWORD_MIN, max: PASSWORD_MAX });
    }
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(|e| StateError::Hash(e.to_string()))?;
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|e| StateError::Hash(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password has that hash. `None` takes as long as a hash and is never right: an unknown name can't be told
/// from a wrong password by the clock.
pub(super) fn verify_password(password: &str, hash: Option<&str>) -> bool {
    let known = hash.and_then(|text| PasswordHash::new(text).ok());
    if password.len() > PASSWORD_MAX {
        return false;
    }
    match known {
        Some(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            let mut out = [0; 32];
            let spent = Argon2::default().hash_password_into(password.as_bytes(), b"nobody has this!", &mut out);
            std::hint::black_box((spent.is_ok(), out));
            false
        }
    }
}
