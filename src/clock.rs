//! The one place that asks what time it is.

use std::{future::Future, sync::Arc};

/// Tells milliseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

tokio::task_local! {
    /// Another clock than this machine's.
    static OTHER: Clock;
}

/// Milliseconds since 1970 UTC.
pub fn now_ms() -> i64 {
    OTHER.try_with(|clock| clock()).unwrap_or_else(|_| machine_ms())
}

/// The same by this machine's clock.
pub fn machine_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Carries out what is to go by another clock than this machine's, as on a machine whose clock is
/// wrong. What it starts as tasks of their own goes by this machine's.
pub async fn by<T>(clock: Clock, work: impl Future<Output = T>) -> T {
    OTHER.scope(clock, work).await
}
