//! Options of the transport, and the clients that they make.

use std::{net::IpAddr, sync::Once, time::Duration};

use reqwest::{
    Certificate, Client, RequestBuilder, Url,
    header::{AUTHORIZATION, HeaderValue},
    redirect,
};

/// Connecting takes at most this, over all addresses of a cluster.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);

/// An address among many still gets as much as a handshake over a long distance takes.
const CONNECT_DEADLINE_MIN: Duration = Duration::from_millis(500);

/// Shorter than what load balancers commonly keep an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// How to reach one cluster. Secrets are already revealed.
#[derive(Clone, Default)]
pub struct Options {
    /// Base URLs, tried in order.
    pub urls: Vec<String>,
    pub auth: Option<Auth>,
    /// Certificates to trust *instead of* the system's.
    pub ca: Option<Pem>,
    /// The client's own certificate.
    pub identity: Option<Identity>,
    /// Accept any certificate.
    pub insecure: bool,
}

/// Who asks.
#[derive(Clone)]
pub enum Auth {
    Basic {
        username: String,
        password: String,
    },
    /// The encoded form, as `Authorization: ApiKey …` takes it.
    ApiKey(String),
}

/// The content of a PEM file, and where it came from, for messages.
#[derive(Clone)]
pub struct Pem {
    pub bytes: Vec<u8>,
    pub origin: String,
}

/// A client certificate and its key.
#[derive(Clone)]
pub struct Identity {
    pub cert: Pem,
    pub key: Pem,
}

/// Why a transport cannot be made, for people.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HttpSetupError {
    /// The list of URLs is empty.
    #[error("no URL is given")]
    NoUrl,
    /// Not an absolute http or https URL, or one that holds a secret.
    #[error("the URL {url} cannot be used: {detail}")]
    Url { url: String, detail: String },
    /// The CA file cannot be read as PEM.
    #[error("{origin} holds no certificate that can be used: {detail}")]
    Ca { origin: String, detail: String },
    /// The client certificate and key cannot be read, or do not fit.
    #[error("the client certificate {cert} with its key {key} cannot be used: {detail}")]
    Identity { cert: String, key: String, detail: String },
    /// The secret cannot stand in a header; it is not shown.
    #[error("the {what} holds characters that an HTTP header cannot carry")]
    Auth { what: &'static str },
    /// Anything else, such as unreadable system certificates.
    #[error("the HTTP client cannot be set up: {detail}")]
    Client { detail: String },
}

impl HttpSetupError {
    /// What it means for the data.
    pub fn meaning(&self) -> &'static str {
        "Nothing was contacted or changed."
    }

    /// What to do next.
    pub fn next(&self) -> String {
        match self {
            Self::NoUrl | Self::Url { .. } => "Mend `urls` of the cluster in esdr.toml.".to_owned(),
            Self::Ca { origin, .. } => {
                format!("Put the PEM certificate of the CA into {origin}, or name another file.")
            }
            Self::Identity { .. } => {
                "Name a PEM certificate and the key that belongs to it in `tls`.".to_owned()
            }
            Self::Auth { what } => format!("Mend the {what}; a line break in it is common."),
            Self::Client { .. } => "Mend `tls` of the cluster in esdr.toml.".to_owned(),
        }
    }
}

/// One address with its client.
pub(super) struct Address {
    /// Without a slash at its end.
    pub(super) url: String,
    pub(super) client: Client,
}

/// One client an address: whether a proxy is used depends on the address.
pub(super) fn addresses(options: &Options) -> Result<Vec<Address>, HttpSetupError> {
    if options.urls.is_empty() {
        return Err(HttpSetupError::NoUrl);
    }
    install_provider();
    let count = u32::try_from(options.urls.len()).unwrap_or(u32::MAX);
    let connect = (CONNECT_DEADLINE / count).max(CONNECT_DEADLINE_MIN);
    options.urls.iter().map(|url| address(url, options, connect)).collect()
}

/// Who asks, ready to be sent.
pub(super) enum Credentials {
    Basic {
        username: String,
        password: String,
    },
    /// The value of the header `Authorization`, marked as a secret.
    Header(HeaderValue),
}

impl Credentials {
    pub(super) fn of(auth: Auth) -> Result<Self, HttpSetupError> {
        match auth {
            Auth::Basic { username, password } => Ok(Self::Basic { username, password }),
            Auth::ApiKey(key) => {
                let value = HeaderValue::from_str(&format!("ApiKey {key}"));
                let mut value = value.map_err(|_| HttpSetupError::Auth { what: "API key" })?;
                value.set_sensitive(true);
                Ok(Self::Header(value))
            }
        }
    }

    /// Puts them on a request.
    pub(super) fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Basic { username, password } => request.basic_auth(username, Some(password)),
            Self::Header(value) => request.header(AUTHORIZATION, value.clone()),
        }
    }
}

fn address(url: &str, options: &Options, connect: Duration) -> Result<Address, HttpSetupError> {
    let parsed = parse_url(url)?;
    let mut builder = Client::builder()
        .user_agent(concat!("esdr/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .pool_idle_timeout(IDLE_LIMIT)
        .tcp_nodelay(true)
        .retry(reqwest::retry::never())
        // Elasticsearch never redirects: a redirect is something else's answer.
        .redirect(redirect::Policy::none())
        .tls_danger_accept_invalid_certs(options.insecure);
    if is_loopback(&parsed) {
        // No proxy reaches this machine's own loopback.
        builder = builder.no_proxy();
        if parsed.scheme() == "http" {
            // Nothing is encrypted on the way: the system's certificates need not be read.
            builder = builder.tls_certs_only([]);
        }
    }
    if let Some(ca) = &options.ca {
        builder = builder.tls_certs_only(certificates(ca)?);
    }
    if let Some(identity) = &options.identity {
        builder = builder.identity(client_identity(identity)?);
    }
    let client =
        builder.build().map_err(|error| HttpSetupError::Client { detail: chain(&error) })?;
    Ok(Address { url: parsed.as_str().trim_end_matches('/').to_owned(), client })
}

fn parse_url(url: &str) -> Result<Url, HttpSetupError> {
    let refuse = |detail: &str| HttpSetupError::Url { url: url.to_owned(), detail: detail.into() };
    let parsed = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse("it must begin with http:// or https://"));
    }
    if parsed.host_str().is_none() {
        return Err(refuse("it names no host"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(HttpSetupError::Url {
            url: format!("{}://…@{}", parsed.scheme(), parsed.host_str().unwrap_or_default()),
            detail: "it holds a user name or password; give them as auth".into(),
        });
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(refuse("it must not hold a query or a fragment"));
    }
    Ok(parsed)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn certificates(ca: &Pem) -> Result<Vec<Certificate>, HttpSetupError> {
    let refuse = |detail: String| HttpSetupError::Ca { origin: ca.origin.clone(), detail };
    match Certificate::from_pem_bundle(&ca.bytes) {
        Ok(certificates) if certificates.is_empty() => {
            Err(refuse("it has no PEM section \"CERTIFICATE\"".to_owned()))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(refuse(chain(&error))),
    }
}

fn client_identity(identity: &Identity) -> Result<reqwest::Identity, HttpSetupError> {
    let mut pem = identity.cert.bytes.clone();
    pem.push(b'\n');
    pem.extend_from_slice(&identity.key.bytes);
    reqwest::Identity::from_pem(&pem).map_err(|error| HttpSetupError::Identity {
        cert: identity.cert.origin.clone(),
        key: identity.key.origin.clone(),
        detail: chain(&error),
    })
}

/// The ring provider, for the whole process, once. One that is there already is kept.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_refused_for_a_reason_and_never_shows_a_password() {
        let text = |url: &str| parse_url(url).unwrap_err().to_string();
        assert!(text("ftp://h").contains("must begin with http"));
        assert!(text("https://u:secret@h").contains("give them as auth"));
        assert!(!text("https://u:secret@h").contains("secret"));
        assert!(parse_url("https://h:9200/es/").is_ok());
    }

    #[test]
    fn loopback_is_known_in_every_spelling() {
        for url in ["http://127.0.0.1:9200", "http://[::1]:9200", "http://localhost"] {
            assert!(is_loopback(&parse_url(url).unwrap()), "{url}");
        }
        assert!(!is_loopback(&parse_url("http://10.0.0.1").unwrap()));
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let ca = Pem { bytes: b"nothing".to_vec(), origin: "ca.pem".into() };
        let options =
            Options { urls: vec!["https://h".into()], ca: Some(ca), ..Options::default() };
        let error = addresses(&options).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("ca.pem holds no certificate"), "{error}");
    }
}
