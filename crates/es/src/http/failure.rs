//! Why one attempt at one address failed.

use std::{error::Error, io};

use jiff::Timestamp;
use rustls::{CertificateError, pki_types::UnixTime};

/// One failed attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Failure {
    /// No connection: the request was not sent.
    Connect(String),
    /// The handshake failed: the request was not sent.
    Tls(String),
    /// Sent, and nothing came back in time.
    Timeout,
    /// Sent, at least in part.
    Broken(String),
}

impl Failure {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if let Some(reason) = tls_reason(error) {
            return Self::Tls(reason);
        }
        if error.is_connect() {
            let reason = if error.is_timeout() || innermost(error).contains("timed out") {
                "connect timed out".to_owned()
            } else {
                innermost(error)
            };
            return Self::Connect(reason);
        }
        if error.is_timeout() { Self::Timeout } else { Self::Broken(innermost(error)) }
    }

    /// A failure while the answer was being read.
    pub(super) fn after_sending(self) -> Self {
        match self {
            Self::Connect(reason) | Self::Tls(reason) => Self::Broken(reason),
            other => other,
        }
    }

    /// True where another address may be asked the same without doing it twice.
    pub(super) fn is_before_sending(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Tls(_))
    }

    fn reason(&self) -> &str {
        match self {
            Self::Connect(reason) | Self::Tls(reason) | Self::Broken(reason) => reason,
            Self::Timeout => "no answer",
        }
    }
}

/// Every address with its reason, for people.
pub(super) fn connect_reasons(failures: &[(String, Failure)]) -> String {
    let reasons = failures.iter().map(|(url, failure)| format!("{url}: {}", failure.reason()));
    reasons.collect::<Vec<_>>().join("; ")
}

/// The TLS library's own words, where it is the cause.
fn tls_reason(error: &reqwest::Error) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(reason) = tls_reason_within(inner) {
            return Some(reason);
        }
        cause = inner.source();
    }
    None
}

/// An I/O error's `source` leaves out what it wraps, and here one wraps another that
/// wraps the TLS error.
fn tls_reason_within(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(in_words(tls));
    }
    let outer = error.downcast_ref::<io::Error>()?;
    if outer.to_string() == "tls handshake eof" {
        return Some("the connection was closed during the handshake".to_owned());
    }
    tls_reason_within(outer.get_ref()?)
}

/// The library tells the time of a certificate in seconds since 1970.
fn in_words(error: &rustls::Error) -> String {
    let day = |time: &UnixTime| {
        let at = i64::try_from(time.as_secs()).ok().and_then(|s| Timestamp::from_second(s).ok());
        at.map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string())
    };
    match error {
        rustls::Error::InvalidCertificate(CertificateError::ExpiredContext {
            not_after, ..
        }) => {
            format!("its certificate ran out on {}", day(not_after))
        }
        other => other.to_string(),
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
