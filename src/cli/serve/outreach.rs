//! Outreach as the configuration says it: what people are told, by which way.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};

use crate::config::{Config, MailConfig};
use crate::core_system::webhook::{SECRET, Webhook};
use crate::secret::Hidden;
use crate::sender::MessageSender;
use crate::sender::file::MessageFile;
use crate::sender::gateway::Gateway;
use crate::sender::smtp::{Mail, Security, Server};
use crate::service::care::outreach::settings::Outreach;
use crate::service::care::outreach::template::Templates;

/// What people are told, and by which way; none where no way is set.
///
/// # Errors
/// Several ways are set, or what is set cannot be used: which, and what would be right.
pub(super) fn outreach(config: &Config) -> anyhow::Result<Option<(Outreach, Box<dyn MessageSender>)>> {
    let set = &config.outreach;
    let Some(sender) = sender(config)? else { return Ok(None) };
    let language = set.language.parse().map_err(|reason| anyhow!("outreach.language: {reason}"))?;
    let hosts: Vec<&str> = set.links.split_whitespace().collect();
    let templates = match &set.templates {
        None => Templates::shipped(&set.lender),
        Some(folder) => {
            let read = |name: &str| {
                let path = folder.join(name);
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
            };
            let (chinese, english) = (read("zh-CN.toml")?, read("en.toml")?);
            Templates::read(&[&chinese, &english], &set.lender, &hosts)
        }
    };
    let templates = templates.map_err(|refused| anyhow!("outreach: {refused}"))?;
    let receipts = set.receipts_secret.as_deref().map(|path| secret(path, SECRET)).transpose()?;
    let reminder_days = (set.reminder_days > 0).then_some(set.reminder_days);
    let patience = patience(config)?;
    Ok(Some((Outreach { templates, language, reminder_days, receipts: receipts.map(Hidden::new), patience }, sender)))
}

fn patience(config: &Config) -> anyhow::Result<Duration> {
    let seconds = config.outreach.patience_seconds;
    ensure!((1..=60).contains(&seconds), "outreach.patience_seconds is from 1 to 60");
    Ok(Duration::from_secs(u64::from(seconds)))
}

fn sender(config: &Config) -> anyhow::Result<Option<Box<dyn MessageSender>>> {
    let set = &config.outreach;
    let patience = patience(config)?;
    Ok(match (&set.gateway, &set.mail, &set.file) {
        (None, None, None) => None,
        (Some(gateway), None, None) => {
            let webhook = Webhook::patient(&gateway.url, secret(&gateway.secret, SECRET)?, patience);
            let webhook = webhook.map_err(|reason| anyhow!("outreach.gateway: {reason}"))?;
            Some(Box::new(Gateway::new(webhook)))
        }
        (None, Some(mail), None) => Some(Box::new(by_mail(mail, patience)?)),
        (None, None, Some(path)) => Some(Box::new(MessageFile::new(path.clone()))),
        _ => bail!("outreach: set one of gateway, mail and file"),
    })
}

fn by_mail(set: &MailConfig, patience: Duration) -> anyhow::Result<Mail> {
    let security = match set.security.as_str() {
        "tls" => Security::Tls,
        "starttls" => Security::StartTls,
        "none" => Security::None,
        other => bail!("outreach.mail.security is tls, starttls or none, not {other}"),
    };
    let signs_in = match (&set.name, &set.password) {
        (Some(name), Some(path)) => {
            let text = String::from_utf8(secret(path, 1)?).map_err(|_| anyhow!("outreach.mail.password is no text"))?;
            Some((name.clone(), Hidden::text(text.trim_end())))
        }
        (None, None) => None,
        _ => bail!("outreach.mail: set name and password, or neither"),
    };
    ensure!(
        security != Security::None || signs_in.is_none(),
        "outreach.mail: nobody signs in over a connection that others can listen to: set security"
    );
    let server = Server { host: set.server.clone(), port: set.port, security, signs_in, patience };
    Mail::new(&server, &set.from, &set.domain).map_err(|reason| anyhow!("outreach.mail: {reason}"))
}

fn secret(path: &Path, least: usize) -> anyhow::Result<Vec<u8>> {
    let secret = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(secret.len() >= least, "{} has {} bytes: it needs {least} or more", path.display(), secret.len());
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GatewayConfig, OutreachConfig};
    use forbear_engine::text::Text;

    fn said(outreach: OutreachConfig) -> String {
        let config = Config { outreach, ..Config::default() };
        match super::outreach(&config) {
            Ok(Some(_)) => "taken".to_owned(),
            Ok(None) => "off".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_way_is_set_or_nobody_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let lender = Text::both("示例银行", "Example Bank");
        let set = || OutreachConfig { lender: lender.clone(), ..OutreachConfig::default() };
        let file = Some(folder.path().join("messages.jsonl"));
        let gateway = Some(GatewayConfig { url: "https://sms.example".to_owned(), secret: path("s", &[7; 32]) });
        assert_eq!(said(set()), "off");
        assert_eq!(said(OutreachConfig { file: file.clone(), ..set() }), "taken");
        assert_eq!(said(OutreachConfig { gateway: gateway.clone(), ..set() }), "taken");
        let both = OutreachConfig { file: file.clone(), gateway: gateway.clone(), ..set() };
        assert_eq!(said(both), "outreach: set one of gateway, mail and file");
        let nameless = OutreachConfig { file: file.clone(), lender: Text::default(), ..set() };
        assert!(said(nameless).contains("lender_missing"));
        let short = GatewayConfig { url: "https://sms.example".to_owned(), secret: path("short", &[7; 31]) };
        assert!(said(OutreachConfig { gateway: Some(short), ..set() }).ends_with("it needs 32 or more"));
        let slow = OutreachConfig { file: file.clone(), patience_seconds: 61, ..set() };
        assert_eq!(said(slow), "outreach.patience_seconds is from 1 to 60");
        let mail = MailConfig {
            server: "mail.example".to_owned(),
            port: 465,
            security: "tls".to_owned(),
            from: "Example Bank <relief@bank.example>".to_owned(),
            domain: "sms.example".to_owned(),
            name: Some("forbear".to_owned()),
            password: Some(path("p", b"secret\n")),
        };
        let by = |mail: MailConfig| said(OutreachConfig { mail: Some(mail), ..set() });
        assert_eq!(by(mail.clone()), "taken");
        assert!(by(MailConfig { security: "none".to_owned(), ..mail.clone() }).contains("others can listen"));
        assert!(by(MailConfig { password: None, ..mail.clone() }).contains("or neither"));
        assert!(by(MailConfig { from: "nobody".to_owned(), ..mail.clone() }).contains("from: nobody is no address"));
        assert!(by(MailConfig { domain: "a b".to_owned(), ..mail }).contains("no domain of mail"));
    }
}
