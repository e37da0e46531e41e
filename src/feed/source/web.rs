//! Addresses of feeds: of hosts on a list alone, over https, never into the lender's own network by a name that leads there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::MOST_BYTES;

/// How long an answer may take from beginning to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often one address may lead to another.
const MOST_REDIRECTS: usize = 3;

/// Which hosts are read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Outside: `api.weather.gov`, or with a port other than 443.
    pub listed: Vec<String>,
    /// Inside the lender's own network, with the port: private addresses and plain http are taken of these.
    pub inside: Vec<String>,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The same as before.
    Same,
    /// Something else, with how to ask for it the next time.
    New {
        /// It.
        body: Vec<u8>,
        /// Its tag.
        etag: Option<String>,
        /// When it was changed, as the server says.
        modified: Option<String>,
    },
}

/// Reads from hosts on a list.
pub struct Web {
    hosts: Hosts,
    outside: ureq::Agent,
    inside: ureq::Agent,
}

impl Web {
    /// From these hosts.
    #[must_use]
    pub fn new(hosts: Hosts) -> Self {
        let config = || {
            ureq::Agent::config_builder()
                .timeout_global(Some(PATIENCE))
                .http_status_as_error(false)
                .max_redirects(0)
                // Behind a proxy nobody could say which address a name leads to.
                .proxy(None)
                .user_agent("forbear")
        };
        let outside = config().https_only(true).build();
        let outside = ureq::Agent::with_parts(outside, DefaultConnector::default(), Public::default());
        Self { hosts, outside, inside: config().build().into() }
    }

    /// Whether an address may be read from.
    ///
    /// # Errors
    /// It may not: why.
    pub fn check(&self, url: &str) -> Result<(), String> {
        self.allowed(url).map(|_| ())
    }

    /// Whether it is one of the lender's own network.
    fn allowed(&self, url: &str) -> Result<(Uri, bool), String> {
        let uri: Uri = url.parse().map_err(|_| format!("{url} is no address"))?;
        let host = uri.host().unwrap_or_default().to_lowercase();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err("an address of a feed holds no name and password".to_owned());
        }
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let with_port = format!("{host}:{port}");
        let is = |listed: &String| {
            let listed = listed.to_lowercase();
            listed == with_port || (port == 443 && listed == host)
        };
        if !host.is_empty() && self.hosts.inside.iter().any(|listed| listed.to_lowercase() == with_port) {
            return Ok((uri, true));
        }
        if !secure {
            return Err(format!("{url} does not begin with https://"));
        }
        if host.is_empty() || !self.hosts.listed.iter().any(is) {
            return Err(format!("{with_port} is not among the hosts that feeds may be read from"));
        }
        Ok((uri, false))
    }

    /// Reads an address, unless it is as it was.
    ///
    /// # Errors
    /// It may not be read from, does not answer in time, answers with something else than 200 or 304, with more than is read,
    /// or leads somewhere that may not be read from.
    pub fn fetch(&self, url: &str, etag: Option<&str>, modified: Option<&str>) -> Result<Fetched, String> {
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            let (uri, inside) = self.allowed(&at)?;
            let agent = if inside { &self.inside } else { &self.outside };
            let mut request = agent.get(&uri);
            if let Some(etag) = etag {
                request = request.header("If-None-Match", etag);
            }
            if let Some(modified) = modified {
                request = request.header("If-Modified-Since", modified);
            }
            let mut answer = request.call().map_err(|error| format!("{at}: {error}"))?;
            let header = |name: &str| {
                let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
                value.filter(|value| value.len() <= 500).map(str::to_owned)
            };
            match answer.status().as_u16() {
                304 => return Ok(Fetched::Same),
                200 => {
                    let (etag, modified) = (header("etag"), header("last-modified"));
                    let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
                    let body = body.map_err(|error| format!("{at}: {error}"))?;
                    return Ok(Fetched::New { body, etag, modified });
                }
                301 | 302 | 303 | 307 | 308 => at = led_to(&uri, header("location").as_deref())?,
                status => return Err(format!("{at} answered {status}")),
            }
        }
        Err(format!("{url} leads from one address to another more than {MOST_REDIRECTS} times"))
    }
}

/// Where a redirect leads: an address, or a path on the same host.
fn led_to(from: &Uri, location: Option<&str>) -> Result<String, String> {
    let to = location.ok_or_else(|| format!("{from} leads nowhere"))?;
    if to.contains("://") {
        return Ok(to.to_owned());
    }
    if !to.starts_with('/') || to.starts_with("//") {
        return Err(format!("{from} leads to {to}, which is neither an address nor a path"));
    }
    let (scheme, authority) =
        (from.scheme_str().unwrap_or("https"), from.authority().map_or("", |whole| whole.as_str()));
    Ok(format!("{scheme}://{authority}{to}"))
}

/// Looks names up and keeps public addresses alone. What it answers is what is connected to, so that a name that leads
/// somewhere else a moment later gains nothing.
#[derive(Debug, Default)]
struct Public {
    names: Names,
}

#[derive(Default)]
struct Names(DefaultResolver);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("names")
    }
}

impl Resolver for Public {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.0.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() {
            return Err(ureq::Error::Io(std::io::Error::other("its name leads to no public address")));
        }
        Ok(kept)
    }
}

/// Whether an address is of the public network (IANA special-purpose address registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(one, two, three, four)
    };
    match (a, b) {
        // Addresses of version 4 in other clothes: mapped, translated (RFC 6052), 6to4.
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => is_public_v4(v4(g, h)),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => is_public_v4(v4(g, h)),
        (0x2002, _) => is_public_v4(v4(b, c)),
        (0x2001, 0..=0x01ff | 0x0db8) => false,
        (0x3fff, 0..=0x0fff) => false,
        // Global unicast is 2000::/3; all else is for something else.
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_told() {
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "::7f00:1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn hosts_that_are_not_listed_are_refused_before_anything_is_sent() {
        let hosts = Hosts {
            listed: vec!["api.weather.gov".to_owned(), "cap.example.cn:8443".to_owned()],
            inside: vec!["10.1.2.3:8080".to_owned()],
        };
        let web = Web::new(hosts);
        for good in [
            "https://api.weather.gov/alerts",
            "https://API.weather.gov:443/x",
            "https://cap.example.cn:8443/",
            "http://10.1.2.3:8080/cap",
        ] {
            assert_eq!(web.check(good), Ok(()), "{good}");
        }
        for (wrong, why) in [
            ("http://api.weather.gov/alerts", "does not begin with https"),
            ("https://api.weather.gov:8443/", "not among the hosts"),
            ("https://cap.example.cn/", "not among the hosts"),
            ("https://api.weather.gov.evil.example/", "not among the hosts"),
            ("https://api.weather.gov@evil.example/", "no name and password"),
            ("https://user:word@api.weather.gov/", "no name and password"),
            ("http://10.1.2.3/cap", "does not begin with https"),
            ("https://169.254.169.254/latest/meta-data", "not among the hosts"),
            ("file:///etc/passwd", "is no address"),
            ("ftp://api.weather.gov/", "does not begin with https"),
            ("/alerts", "does not begin with https"),
            ("https://", "is no address"),
        ] {
            let said = web.fetch(wrong, None, None).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_listed_name_that_leads_into_the_own_network_is_not_followed() {
        let listed = vec!["localhost:9".to_owned(), "127.0.0.1:9".to_owned(), "[::1]:9".to_owned()];
        let web = Web::new(Hosts { listed, inside: Vec::new() });
        for url in ["https://localhost:9/", "https://127.0.0.1:9/", "https://[::1]:9/"] {
            let said = web.fetch(url, None, None).unwrap_err();
            assert!(said.contains("leads to no public address"), "{url}: {said}");
        }
    }

    #[test]
    fn a_redirect_is_an_address_or_a_path() {
        let from: Uri = "https://a.example:8443/x".parse().unwrap();
        assert_eq!(led_to(&from, Some("/y")).unwrap(), "https://a.example:8443/y");
        assert_eq!(led_to(&from, Some("http://b.example/")).unwrap(), "http://b.example/");
        for wrong in [None, Some("//b.example/"), Some("y")] {
            assert!(led_to(&from, wrong).is_err(), "{wrong:?}");
        }
    }
}
