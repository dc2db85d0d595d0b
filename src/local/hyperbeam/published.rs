//! The state that a process has published with patches, after any of its entries.

use serde_json::{Map, Value};

use crate::arweave::Id;
use crate::error::Result;
use crate::local::json::object;
use crate::local::platform::Platform;
use crate::local::store::{names, records};
use crate::local::units::LocalUnits;
use crate::protocol::patch::{apply, is_patch};

/// Computes the state that a process has published up to and including an entry.
///
/// It is computed from results on a read, and stored for the next read. So messages have no extra cost.
pub(crate) async fn published_after<P: Platform>(
    units: &mut LocalUnits<P>,
    process: &Id,
    index: usize,
) -> Result<Map<String, Value>> {
    let name = names::published(process);
    let stored: Option<(usize, Map<String, Value>)> = match records::get(&units.context.platform, &name).await {
        Ok(record) => record.and_then(|record| parse(&record)),
        // The state can be computed again from the results.
        Err(error) if records::is_damage(&error) => None,
        Err(error) => return Err(error),
    };
    let newest = stored.as_ref().map_or(0, |(count, _)| *count);
    let wanted = index + 1;
    let (count, mut state) = stored.filter(|(count, _)| *count <= wanted).unwrap_or_default();
    for index in count..wanted {
        let result = units.stored_result(process, index).await?.result;
        let result: Value =
            serde_json::from_str(result.get()).map_err(|_| records::missing_record("a result that is JSON"))?;
        // The outbox of a failed evaluation is not delivered.
        let messages = result["Messages"].as_array().filter(|_| result["Error"].is_null());
        for patch in messages.into_iter().flatten().filter(|part| is_patch(part)) {
            apply(&mut state, patch);
        }
    }
    if wanted > newest {
        let record = object(vec![("count", wanted.into()), ("state", Value::Object(state.clone()))]);
        let record = Value::Object(record).to_string();
        records::put(&units.context.platform, &name, record.as_bytes()).await?;
    }
    Ok(state)
}

/// Parses a record: the number of entries that the state includes, and the state.
fn parse(record: &[u8]) -> Option<(usize, Map<String, Value>)> {
    let Value::Object(mut record) = serde_json::from_slice(record).ok()? else {
        return None;
    };
    let count = usize::try_from(record.get("count")?.as_u64()?).ok()?;
    match record.remove("state") {
        Some(Value::Object(state)) => Some((count, state)),
        _ => None,
    }
}
