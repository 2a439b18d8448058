//! Whether `GET /` was answered by an Elasticsearch that esdr knows. Pure. Nothing is taken for
//! one because nothing speaks against it: each mark must be there.

use serde_json::Value;

use super::{
    answer::{refused, snippet},
    error::Error,
    transport::{Method, Response},
};

/// What every Elasticsearch has said of itself since its first release.
const TAGLINE: &str = "You Know, for Search";

/// The value of the header `X-Elastic-Product`, which every answer has since 7.14.
pub const PRODUCT: &str = "Elasticsearch";

/// The first release that is supported: cross-cluster replication is complete from here on.
const OLDEST: (u16, u16) = (6, 7);

/// The first release that says its product in a header.
const WITH_HEADER: (u16, u16) = (7, 14);

/// The newest major version that is known. What a later one answers has not been tried.
const NEWEST_MAJOR: u16 = 9;

/// Who answers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Root {
    /// The name of the node.
    pub name: String,
    pub cluster_name: String,
    /// Empty while no master has ever been elected (`_na_`).
    pub cluster_uuid: String,
    pub version: RootVersion,
    /// False where the node says that it has none, as 6.8 does; later ones do not say here.
    pub has_master: bool,
}

/// `version` of `GET /`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RootVersion {
    /// Such as `8.19.21` or `9.1.0-SNAPSHOT`.
    pub number: String,
}

impl Root {
    /// The version's three numbers; a missing or odd one counts as 0.
    pub fn version_numbers(&self) -> (u16, u16, u16) {
        let mut parts = self.version.number.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        (next(), next(), next())
    }
}

/// Reads the answer to `GET /`. A node of 6.8 without a master says who it is with 503.
///
/// # Errors
/// [`Error::Refused`] where Elasticsearch refuses this login or has no master to answer, and
/// [`Error::NotElasticsearch`], which says what it was, for everything else.
pub(crate) fn recognise(response: &Response) -> Result<Root, Error> {
    let status = response.status;
    let error = refused(Method::Get, "/".to_owned(), response);
    if error.is_login() || (status == 503 && error.is_no_master()) {
        return Err(error);
    }
    let stranger = |what: String| Error::NotElasticsearch {
        method: Method::Get,
        path: "/".to_owned(),
        status,
        snippet: what,
    };
    if !matches!(status, 200 | 503) {
        return Err(stranger(content(response)));
    }
    let answer: Value = serde_json::from_str(&response.body).unwrap_or_default();
    identity(&answer, response).map_err(stranger)
}

/// What came, for people.
fn content(response: &Response) -> String {
    let text = snippet(&response.body);
    if text.is_empty() { "an empty body".to_owned() } else { text }
}

/// Who it says that it is, or what it is instead.
fn identity(answer: &Value, response: &Response) -> Result<Root, String> {
    let text = |field: &Value| field.as_str().map(str::to_owned);
    let version = &answer["version"];
    let number = text(&version["number"]).ok_or_else(|| content(response))?;
    if let Some(distribution) = text(&version["distribution"]) {
        return Err(format!("{distribution} {number}"));
    }
    if answer["tagline"] != TAGLINE {
        return Err(content(response));
    }
    check_version(&number, response.product.as_deref())?;
    let named = text(&answer["cluster_name"]).filter(|name| !name.is_empty());
    let uuid = text(&answer["cluster_uuid"]).filter(|uuid| !uuid.is_empty());
    let (Some(cluster_name), Some(cluster_uuid)) = (named, uuid) else {
        return Err(content(response));
    };
    Ok(Root {
        name: text(&answer["name"]).unwrap_or_default(),
        cluster_name,
        // So it is while no master has ever been elected.
        cluster_uuid: if cluster_uuid == "_na_" { String::new() } else { cluster_uuid },
        version: RootVersion { number },
        has_master: response.status == 200,
    })
}

/// The version is one of those that esdr knows, and has the header that its servers send.
fn check_version(number: &str, product: Option<&str>) -> Result<(), String> {
    let numbers = numbers(number).ok_or_else(|| format!("a version called {number}"))?;
    if numbers < OLDEST || numbers.0 > NEWEST_MAJOR {
        return Err(format!(
            "version {number}, and esdr knows Elasticsearch {}.{} to {NEWEST_MAJOR}.x",
            OLDEST.0, OLDEST.1
        ));
    }
    match product {
        Some(PRODUCT) => Ok(()),
        Some(other) => Err(format!("version {number} of a product called {other}")),
        None if numbers < WITH_HEADER => Ok(()),
        None => Err(format!(
            "version {number} without the header X-Elastic-Product, which Elasticsearch sends \
             since {}.{}: something else answers, or a proxy takes the header away",
            WITH_HEADER.0, WITH_HEADER.1
        )),
    }
}

/// Major and minor of three numbers with dots, whatever is appended with a hyphen.
fn numbers(number: &str) -> Option<(u16, u16)> {
    let plain = number.split('-').next().unwrap_or_default();
    let parts: Vec<u16> = plain.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [major, minor, _] = parts.as_slice() else { return None };
    Some((*major, *minor))
}

#[cfg(test)]
mod tests;
