//! Old processes: their schedules begin with a message, and not with their own item. Units evaluate that item before it.

use serde::Deserialize;

use super::options::Source;
use crate::arweave::{Id, to_base64url};
use crate::client::UnitRead;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Clock, Download, Http, Timers};
use crate::protocol::ProcessInput;
use crate::signer::address;
use crate::verify::item::anchors_of;
use crate::verify::{Entry, ItemParts, Moment};

/// What a scheduler unit says about a process. Only its signed parts can be verified.
#[derive(Deserialize)]
struct WireProcess {
    /// A number, or digits.
    block: Number,
    timestamp: Number,
    #[serde(default)]
    anchor: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Text(String),
}

impl Number {
    fn read(self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Whether a schedule whose first entry this is begins with a process. Units decide by this tag.
pub(super) fn is_process(first: &Entry) -> bool {
    first.message.as_ref().and_then(|message| message.tag("Type")) == Some("Process")
}

/// The item of an old process as units pass it to the module. The item is verified. Its time is in no signature: it is the
/// scheduler unit's word.
///
/// # Errors
/// `VerifyProcess`, `VerifyData`; `BadResponse`; those of the requests.
pub(super) async fn process_input<H, D>(source: &Source<H, D>, id: Id) -> Result<ProcessInput>
where
    H: Http + Clock + Timers,
    D: Download,
{
    let item = source.gateway().item(&id).await?;
    let shown = source.client.read(UnitRead::process(&id.to_string())).await?;
    let WireProcess {
        block,
        timestamp,
        anchor,
    } = shown.parse()?;
    let moment = timestamp.read().zip(block.read());
    let (timestamp, block_height) = moment.ok_or_else(|| {
        let message = format!("The scheduler does not say when it got the process {id}. Use another scheduler unit");
        Error::new(ErrorKind::BadResponse, message)
    })?;
    // Schedulers show none where it is not UTF-8.
    let anchor = anchor.filter(|anchor| !anchor.is_empty());
    if anchor.is_some() && !anchors_of(anchor.as_deref()).contains(&item.anchor) {
        let message = format!("The scheduler shows another anchor of the process {id} than its item has");
        return Err(Error::new(ErrorKind::VerifyProcess, message));
    }
    Ok(input(
        id,
        &item,
        anchor,
        Moment {
            timestamp,
            block_height,
        },
    ))
}

fn input(id: Id, item: &ItemParts, anchor: Option<String>, moment: Moment) -> ProcessInput {
    ProcessInput {
        id: id.to_string(),
        signature: to_base64url(&item.signature),
        data: Some(String::from_utf8_lossy(&item.data).into_owned()),
        owner: address::compute_unit(&item.owner),
        anchor,
        tags: item.text_tags(),
        timestamp: moment.timestamp,
        block_height: moment.block_height,
    }
}
