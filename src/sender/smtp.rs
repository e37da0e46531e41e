//! Messages by mail: to gateways that take mail to a phone (`8613812345678@sms.example`).

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, Message, SmtpTransport, Transport};

use super::{Letter, MessageSender, NotTaken};
use crate::secret::Hidden;

/// How the connection is kept from listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Begun in the clear, and given up where the server does not go on in TLS.
    StartTls,
    /// None: to a server on the same machine.
    None,
}

/// A server that takes mail.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from listeners.
    pub security: Security,
    /// Who signs in, and with what.
    pub signs_in: Option<(String, Hidden<String>)>,
    /// How long it may take.
    pub patience: Duration,
}

/// Mail to phones.
pub struct Mail {
    server: SmtpTransport,
    from: Mailbox,
    domain: String,
}

impl Mail {
    /// By a server, from an address, to phones at a domain.
    ///
    /// # Errors
    /// What is set cannot be used: which, and what would be right.
    pub fn new(server: &Server, from: &str, domain: &str) -> Result<Self, String> {
        let from: Mailbox = from.parse().map_err(|error| format!("from: {from} is no address: {error}"))?;
        Address::new("1", domain).map_err(|error| format!("domain: {domain} is no domain of mail: {error}"))?;
        let tls = || TlsParameters::new(server.host.clone()).map_err(|error| error.to_string());
        let tls = match server.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::StartTls => Tls::Required(tls()?),
            Security::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(server.host.as_str())
            .port(server.port)
            .tls(tls)
            .timeout(Some(server.patience));
        if let Some((name, password)) = &server.signs_in {
            builder = builder.credentials(Credentials::new(name.clone(), password.show().clone()));
        }
        Ok(Self { server: builder.build(), from, domain: domain.to_owned() })
    }

    fn message(&self, letter: &Letter<'_>) -> Result<Message, ()> {
        let to = Address::new(letter.phone.show().as_str(), &self.domain).map_err(|_| ())?;
        // The same at every attempt: whoever takes mail twice knows it by this.
        let name = format!("<{}@{}>", letter.name, self.from.email.domain());
        let builder: MessageBuilder = Message::builder().message_id(Some(name));
        let builder = builder.from(self.from.clone()).to(Mailbox::new(None, to)).subject("");
        builder.header(ContentType::TEXT_PLAIN).body(letter.text.to_owned()).map_err(|_| ())
    }
}

impl MessageSender for Mail {
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        // What the library says may name the address.
        let message = self.message(letter).map_err(|()| NotTaken::Never("it is no mail".to_owned()))?;
        let sent = self.server.send(&message);
        sent.map(|_| ()).map_err(|error| match error.status() {
            Some(code) if error.is_permanent() => NotTaken::Never(format!("the server answered {code}")),
            Some(code) => NotTaken::Later(format!("the server answered {code}")),
            None if error.is_timeout() => NotTaken::Later("the server did not answer in time".to_owned()),
            None => NotTaken::Later("the server cannot be reached".to_owned()),
        })
    }
}
