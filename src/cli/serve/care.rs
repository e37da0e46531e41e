//! Care as the configuration says it: response levels, and who is told of channels.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};

use crate::cli::service::contact_rules;
use crate::config::Config;
use crate::core_system::webhook::{SECRET, Webhook};
use crate::secret::Hidden;
use crate::service::care::CareSettings;
use crate::service::care::channel::level::ResponseTable;
use crate::service::care::contact::script;
use crate::service::care::outreach::settings::Outreach;

/// Who is told of channels.
///
/// # Errors
/// Two have one name, or a secret cannot be read or is too short.
pub(super) fn subscribers(config: &Config) -> anyhow::Result<Vec<(String, Webhook)>> {
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for set in &config.subscribers {
        ensure!((1..=60).contains(&set.name.len()), "subscribers: a name has 1 to 60 bytes");
        ensure!(names.insert(&set.name), "subscribers: two are called {}", set.name);
        let secret = std::fs::read(&set.secret).with_context(|| format!("cannot read {}", set.secret.display()))?;
        let webhook = Webhook::new(&set.url, secret).map_err(|reason| anyhow!("subscriber {}: {reason}", set.name))?;
        all.push((set.name.clone(), webhook));
    }
    Ok(all)
}

/// What is set of care.
///
/// # Errors
/// The table of response levels, or the words that are read to callers, cannot be read.
pub(super) fn settings(
    config: &Config,
    subscribers: &[(String, Webhook)],
    outreach: Option<Outreach>,
) -> anyhow::Result<CareSettings> {
    let response = match &config.response_levels {
        None => ResponseTable::shipped(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            ResponseTable::read(&text).map_err(|reason| anyhow!("{}: {reason}", path.display()))?
        }
    };
    let scripts = match &config.scripts {
        None => script::shipped(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            script::read(&text).map_err(|reason| anyhow!("{}: {reason}", path.display()))?
        }
    };
    let subscribers = subscribers.iter().map(|(name, _)| name.clone()).collect();
    let gateway = match &config.sms_secret {
        None => None,
        Some(path) => {
            let secret = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            ensure!(secret.len() >= SECRET, "sms_secret: {} bytes, it needs {SECRET} or more", secret.len());
            Some(Hidden::new(secret))
        }
    };
    Ok(CareSettings {
        response,
        subscribers,
        scripts,
        gateway,
        contact_rules: contact_rules(config)?,
        outreach: outreach.map(Arc::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SubscriberConfig;

    #[test]
    fn what_is_half_set_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, [7; 32]).unwrap();
        let ivr =
            SubscriberConfig { name: "ivr".to_owned(), url: "https://ivr.example".to_owned(), secret: secret.clone() };
        let said = |subscribers: Vec<SubscriberConfig>| {
            let config = Config { subscribers, ..Config::default() };
            super::subscribers(&config).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(said(vec![ivr.clone()]), "");
        assert_eq!(said(vec![ivr.clone(), ivr.clone()]), "subscribers: two are called ivr");
        assert!(
            said(vec![SubscriberConfig { secret: folder.path().join("none"), ..ivr.clone() }])
                .starts_with("cannot read ")
        );
        std::fs::write(&secret, [7; 31]).unwrap();
        assert!(said(vec![ivr]).contains("it needs 32 or more"));
        let table = folder.path().join("levels.json");
        std::fs::write(&table, "{\"levels\": []}").unwrap();
        let config = Config { response_levels: Some(table), ..Config::default() };
        assert!(settings(&config, &[], None).unwrap_err().to_string().contains("missing field `title`"));
        let short = Config { sms_secret: Some(folder.path().join("secret")), ..Config::default() };
        assert!(settings(&short, &[], None).unwrap_err().to_string().starts_with("sms_secret: 31 bytes"));
        let scripts = folder.path().join("scripts.json");
        std::fs::write(&scripts, "[]").unwrap();
        let config = Config { scripts: Some(scripts), ..Config::default() };
        assert!(settings(&config, &[], None).unwrap_err().to_string().contains("no words are for apply"));
        assert_eq!(settings(&Config::default(), &[], None).unwrap().response, ResponseTable::shipped());
    }
}
