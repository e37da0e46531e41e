//! Feeds as the configuration says them.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow, bail, ensure};
use chrono::TimeDelta;

use crate::config::{Config, FeedConfig};
use crate::feed::alert::Format;
use crate::feed::source::Source;
use crate::feed::source::web::{Hosts, Web};
use crate::service::care::feeding::Feed;
use crate::service::care::reading::Trust;

/// The feeds that are set.
///
/// # Errors
/// One has no name or a name that another has, is of no place or of several, or of a host that is not listed.
pub(super) fn feeds(config: &Config) -> anyhow::Result<Vec<Feed>> {
    let split = |hosts: &str| hosts.split_whitespace().map(str::to_owned).collect();
    let hosts = Hosts { listed: split(&config.feed_hosts), inside: split(&config.feed_hosts_inside) };
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for set in &config.feeds {
        ensure!(names.insert(&set.name), "feeds: two are called {}", set.name);
        all.push(feed(set, &hosts).with_context(|| format!("feed {}", set.name))?);
    }
    Ok(all)
}

fn feed(set: &FeedConfig, hosts: &Hosts) -> anyhow::Result<Feed> {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(
        (1..=60).contains(&set.name.len()) && set.name.chars().all(right),
        "a name has 1 to 60 small letters, digits and hyphens"
    );
    ensure!((1..=86_400).contains(&set.seconds), "seconds is from 1 to 86400");
    let web = Web::new(hosts.clone());
    let source = match (&set.file, &set.folder, &set.url) {
        (Some(path), None, None) => Source::File(path.clone()),
        (None, Some(path), None) => Source::Folder(path.clone()),
        (None, None, Some(url)) => {
            web.check(url).map_err(|reason| anyhow!("{reason}: see feed_hosts"))?;
            Source::Web(url.clone())
        }
        _ => bail!("say one of file, folder and url"),
    };
    let format = set.format.as_deref().map(|name| {
        let known =
            [Format::Cap, Format::Nws, Format::Usgs, Format::OpenFema].into_iter().find(|format| format.name() == name);
        known.with_context(|| format!("format is cap, nws, usgs or openfema, not {name}"))
    });
    let trust = Trust { senders: set.senders.clone(), format: format.transpose()?, as_sent: false };
    Ok(Feed { name: set.name.clone(), source, every: TimeDelta::seconds(i64::from(set.seconds)), trust, web })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(change: impl FnOnce(&mut FeedConfig)) -> String {
        let mut set =
            FeedConfig { name: "x".to_owned(), folder: Some("in".into()), seconds: 5, ..FeedConfig::default() };
        change(&mut set);
        let config = Config { feed_hosts: "api.weather.gov".to_owned(), feeds: vec![set], ..Config::default() };
        feeds(&config).err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    #[test]
    fn what_cannot_be_read_from_is_refused_at_the_start() {
        assert_eq!(said(|_| {}), "");
        let url = |url: &str| {
            let url = Some(url.to_owned());
            said(move |set| (set.folder, set.url) = (None, url))
        };
        assert_eq!(url("https://api.weather.gov/alerts"), "");
        let elsewhere = url("https://evil.example/alerts");
        assert_eq!(
            elsewhere,
            "feed x: evil.example:443 is not among the hosts that feeds may be read from: see feed_hosts"
        );
        assert!(url("http://api.weather.gov/alerts").contains("does not begin with https"));
        assert_eq!(said(|set| set.folder = None), "feed x: say one of file, folder and url");
        assert_eq!(said(|set| set.file = Some("a".into())), "feed x: say one of file, folder and url");
        assert_eq!(said(|set| set.seconds = 0), "feed x: seconds is from 1 to 86400");
        assert_eq!(
            said(|set| set.format = Some("rss".to_owned())),
            "feed x: format is cap, nws, usgs or openfema, not rss"
        );
        assert!(said(|set| set.name = "A feed".to_owned()).ends_with("small letters, digits and hyphens"));
    }
}
