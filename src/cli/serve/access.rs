//! Who gets in and how often, as the configuration says it.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};

use crate::api::limits::Rates;
use crate::config::Config;
use crate::core_system::webhook::Webhook;
use crate::secret::Hidden;
use crate::sender::CodeSender;
use crate::sender::webhook::CodeWebhook;
use crate::service::access::issuer::{Issuer, IssuerSettings, KeySource, Signature};
use crate::service::access::settings::{AccessSettings, HandOffKey};

/// How long the issuer may take to say its keys: callers wait meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is set of who gets in.
///
/// # Errors
/// Something is missing beside what is set, or cannot be used.
pub(super) fn settings(config: &Config) -> anyhow::Result<AccessSettings> {
    Ok(AccessSettings {
        issuer: issuer(config)?.map(Arc::new),
        hand_off: config.hand_off_key.as_deref().map(hand_off).transpose()?,
        sender: sender(config)?,
        ..AccessSettings::default()
    })
}

/// How often somebody may call.
///
/// # Errors
/// A rate is zero.
pub(super) fn rates(config: &Config) -> anyhow::Result<Rates> {
    let rate = |name: &str, number| NonZeroU32::new(number).with_context(|| format!("{name} is 1 or more"));
    Ok(Rates {
        caller: rate("caller_rate", config.caller_rate)?,
        borrower: rate("borrower_rate", config.borrower_rate)?,
        sign_in: rate("sign_in_rate", config.sign_in_rate)?,
    })
}

/// The secret of a webhook, from its file.
///
/// # Errors
/// None is named, or it cannot be read.
pub(super) fn secret(file: Option<&Path>, of: &str) -> anyhow::Result<Vec<u8>> {
    let file = file.with_context(|| format!("{of} needs {of}_secret: a file of 32 bytes or more"))?;
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn hand_off(file: &Path) -> anyhow::Result<HandOffKey> {
    let key = Hidden::new(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    HandOffKey::new(key).map_err(|error| anyhow!("hand_off_key: {error}"))
}

fn sender(config: &Config) -> anyhow::Result<Option<Arc<dyn CodeSender>>> {
    let Some(url) = &config.code_sender else { return Ok(None) };
    let secret = secret(config.code_sender_secret.as_deref(), "code_sender")?;
    let to = Webhook::new(url, secret).map_err(|reason| anyhow!("code_sender: {reason}"))?;
    Ok(Some(Arc::new(CodeWebhook::start(to)?)))
}

fn issuer(config: &Config) -> anyhow::Result<Option<Issuer>> {
    let Some(name) = &config.issuer else { return Ok(None) };
    let keys = config.issuer_keys.as_ref().context("issuer needs issuer_keys: a file, or an address with https")?;
    let signatures = config.issuer_signatures.split_whitespace().map(|name| {
        Signature::of(name).with_context(|| format!("issuer_signatures: {name} is none of RS256, ES256, EdDSA"))
    });
    let signatures: Vec<Signature> = signatures.collect::<anyhow::Result<_>>()?;
    ensure!(!signatures.is_empty(), "issuer_signatures: name one of RS256, ES256, EdDSA at least");
    Ok(Some(Issuer::new(IssuerSettings {
        issuer: name.clone(),
        audience: config.issuer_audience.clone(),
        signatures,
        roles_claim: config.issuer_roles.clone(),
        keys: source(keys)?,
    })))
}

fn source(keys: &str) -> anyhow::Result<KeySource> {
    if !keys.contains("://") {
        return Ok(KeySource::File(PathBuf::from(keys)));
    }
    // Over anything else somebody on the way could say who may sign.
    ensure!(keys.starts_with("https://"), "issuer_keys: {keys} does not begin with https://");
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).https_only(true).build().into();
    let url = keys.to_owned();
    Ok(KeySource::Fetch(Box::new(move || {
        let mut answer = agent.get(&url).call().map_err(|error| error.to_string())?;
        answer.body_mut().read_to_string().map_err(|error| error.to_string())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        settings(&config).err().or_else(|| rates(&config).err()).map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_half_set_is_refused() {
        assert_eq!(refused(|_| {}), "");
        let issuer = |keys: Option<&str>| {
            let keys = keys.map(str::to_owned);
            move |config: &mut Config| {
                (config.issuer, config.issuer_keys) = (Some("https://id.example".to_owned()), keys)
            }
        };
        assert_eq!(refused(issuer(None)), "issuer needs issuer_keys: a file, or an address with https");
        let plain = refused(issuer(Some("http://id.example/keys")));
        assert_eq!(plain, "issuer_keys: http://id.example/keys does not begin with https://");
        assert_eq!(refused(issuer(Some("https://id.example/keys"))), "");
        let sender = refused(|config| config.code_sender = Some("https://sms.example".to_owned()));
        assert_eq!(sender, "code_sender needs code_sender_secret: a file of 32 bytes or more");
        let short = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(short.path(), [7; 31]).unwrap();
        let short = refused(|config| config.hand_off_key = Some(short.path().to_owned()));
        assert!(short.starts_with("hand_off_key: ") && short.ends_with("shorter than 32 bytes"), "{short}");
        assert_eq!(refused(|config| config.sign_in_rate = 0), "sign_in_rate is 1 or more");
    }
}
