//! Whether clusters can take a snapshot into a repository, for plans that ask for one.

use futures_util::future::join_all;

use super::Watched;
use crate::{es::api::Es, model::world::World};

/// Asks those of these clusters that answered, side by side, and notes in the world what they say.
/// Every node writes a small file into the repository for it, which is removed again.
pub(crate) async fn observe_repositories(
    clusters: impl Iterator<Item = &Watched>,
    world: &mut World,
    repository: &str,
) {
    let answering = clusters.filter(|watched| world.view(&watched.name).is_some());
    let looks = answering
        .map(|watched| async { (watched.name.clone(), look(&watched.es, repository).await) });
    world.repositories = join_all(looks).await.into_iter().collect();
}

async fn look(es: &Es, repository: &str) -> Result<(), String> {
    match es.is_repository_writable(repository).await {
        Ok(Some(true)) => {}
        Ok(Some(false)) => return Err("it can only be read".to_owned()),
        Ok(None) => return Err("there is no such repository".to_owned()),
        Err(error) => return Err(error.to_string()),
    }
    es.verify_repository(repository).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::es::{scripted::Scripted, transport::Method};

    const FS: &str = r#"{"nightly":{"type":"fs","settings":{"location":"/r"}}}"#;

    #[tokio::test]
    async fn a_repository_is_there_can_be_written_and_is_verified() {
        let verified = || {
            Scripted::new().get("/_snapshot/nightly$", FS).on(
                Method::Post,
                "/_snapshot/nightly/_verify$",
                200,
                r#"{"nodes":{}}"#,
            )
        };
        assert_eq!(look(&verified().es("a"), "nightly").await, Ok(()));
        let readonly = r#"{"nightly":{"type":"fs","settings":{"readonly":"true"}}}"#;
        let readonly = Scripted::new().get("/_snapshot/nightly$", readonly);
        let why = look(&readonly.es("a"), "nightly").await.unwrap_err();
        assert_eq!(why, "it can only be read");
    }

    #[tokio::test]
    async fn one_that_is_not_there_or_fails_its_verification_is_of_no_use() {
        let missing = r#"{"error":{"type":"repository_missing_exception","reason":"[nightly] missing"},"status":404}"#;
        let missing = Scripted::new().on(Method::Get, "/_snapshot/nightly$", 404, missing);
        let why = look(&missing.es("a"), "nightly").await.unwrap_err();
        assert_eq!(why, "there is no such repository");
        let failed = r#"{"error":{"type":"repository_verification_exception","reason":"[nightly] store location [/r] is not shared"},"status":500}"#;
        let failed = Scripted::new().get("/_snapshot/nightly$", FS).on(
            Method::Post,
            "/_snapshot/nightly/_verify$",
            500,
            failed,
        );
        let why = look(&failed.es("a"), "nightly").await.unwrap_err();
        assert!(why.contains("is not shared"), "{why}");
    }
}
