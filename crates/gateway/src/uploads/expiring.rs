//! Uploads that nobody finished in time make room for others.

use std::sync::Arc;
use std::time::Duration;

use crate::Gateway;

/// An upload stays this much longer than it says at most.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// Removes unfinished uploads whose time is over, again and again, until the gateway is closed.
/// What failed is tried again the next time.
pub async fn expire_uploads(gateway: Arc<Gateway>) {
    let Ok(ports) = gateway.attachments() else { return };
    let mut closed = std::pin::pin!(gateway.closed());
    loop {
        let clock = &gateway.ports().clock;
        let next = clock.now().plus(EVERY);
        tokio::select! {
            () = &mut closed => return,
            () = clock.wait_until(next) => {}
        }
        match ports.uploads.expire(clock.now()).await {
            Ok(expired) if expired.unfinished > 0 => tracing::info!(
                uploads = expired.unfinished,
                bytes = expired.bytes,
                "removed uploads that nobody finished in time"
            ),
            Ok(_) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "uploads that nobody finished could not be removed; tried again in 5 minutes"
            ),
        }
    }
}
