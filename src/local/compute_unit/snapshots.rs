//! Stores snapshots of processes, and removes those that are no longer useful.

use crate::arweave::Id;
use crate::error::Result;
use crate::local::context::NetworkContext;
use crate::local::platform::Platform;
use crate::local::store::names;

/// The names of a process's snapshots, and after how many entries each was taken, in ascending order.
pub(crate) async fn list(platform: &impl Platform, process: &Id) -> Result<Vec<(String, usize)>> {
    let names = platform.names(&names::snapshots(process)).await?;
    let counted = names.into_iter().filter_map(|name| {
        let count = name.rsplit('/').next()?.parse().ok()?;
        Some((name, count))
    });
    Ok(counted.collect())
}

/// Stores a snapshot that was taken after `count` entries, and removes others if there are too many.
///
/// The latest snapshot stays, and so does the first one of a fork. The others are thinned out to even distances.
pub(crate) async fn store<P: Platform>(
    context: &NetworkContext<P>,
    process: &Id,
    count: usize,
    snapshot: &[u8],
) -> Result<()> {
    let platform = &context.platform;
    platform.put(&names::snapshot(process, count), snapshot).await?;
    let mut stored = list(platform, process).await?;
    let first = usize::from(stored.first().is_some_and(|(_, count)| *count == 1));
    while stored.len() > context.options.snapshots.max(1) + first {
        let distance = |at: usize| stored[at + 1].1 - at.checked_sub(1).map_or(0, |before| stored[before].1);
        let Some(closest) = (first..stored.len() - 1).min_by_key(|at| distance(*at)) else {
            break;
        };
        let (name, _) = stored.remove(closest);
        platform.remove(&name).await?;
    }
    Ok(())
}
