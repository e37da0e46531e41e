//! Passwords: Argon2id, each with a salt of its own.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::{Hidden, SecretError, token};

/// Argon2id with 19 MiB and two passes: the least that OWASP's cheat sheet on password storage asks for.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// The hash of no password, for names that nobody has.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash(&token::new("").ok()?).ok());

/// What is kept of a password.
///
/// # Errors
/// The machine gives no random numbers.
pub fn hash(password: &Hidden<String>) -> Result<String, SecretError> {
    let hashed: PasswordHash = argon2().hash_password(password.show().as_bytes()).map_err(SecretError::machine)?;
    Ok(hashed.to_string())
}

/// Whether a password is the one that was kept. Where none is kept it is not, after the same work.
#[must_use]
pub fn verify(password: &Hidden<String>, kept: Option<&str>) -> bool {
    let Some(hashed) = kept.or(NOBODY.as_deref()) else { return false };
    let Ok(hashed) = PasswordHash::new(hashed) else { return false };
    let same = argon2().verify_password(password.show().as_bytes(), &hashed).is_ok();
    same && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id() {
        let (right, wrong) = (Hidden::text("correct horse battery"), Hidden::text("correct horse"));
        let kept = hash(&right).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hash(&right).unwrap(), "each has its own salt");
        assert!(verify(&right, Some(&kept)));
        assert!(!verify(&wrong, Some(&kept)) && !verify(&right, None) && !verify(&right, Some("?")));
    }
}
