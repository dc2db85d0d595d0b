//! Routes for transactions: what has an id in the form of a transaction, its status, its place in the weave, and chunks.

use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::chain::block_id;
use crate::ans104::SignatureType;
use crate::arweave::{Id, from_base64url, to_base64url};
use crate::base_layer::{Transaction, merkle};
use crate::error::ErrorKind;
use crate::local::context::NetworkContext;
use crate::local::http::{HttpError, HttpResult, Response};
use crate::local::path_and_query;
use crate::local::platform::Platform;
use crate::local::store::found::{self, Found};
use crate::local::store::transactions;
use crate::signer::ItemSignature;

/// The largest chunk, in bytes.
const MAX_CHUNK: usize = 256 << 10;

/// `/tx/:id`, `/tx/:id/status`, `/tx/:id/offset`, `/tx/:id/data` and `/tx/:id/:member`.
pub(crate) async fn read<P: Platform>(context: &NetworkContext<P>, id: &str, rest: &[&str]) -> HttpResult<Response> {
    let id = path_and_query::id(id, "The id")?;
    let platform = &context.platform;
    let found = found::find(platform, &id).await?.ok_or_else(|| not_found(&id))?;
    let member = match rest {
        [] => return Ok(Response::json(200, &Value::Object(transaction_of(&id, &found).json()))),
        ["status"] => return Ok(status(context, &found)),
        ["offset"] => return offset(&id, &found),
        ["data"] => {
            let data = found.data(platform).await?.ok_or_else(|| not_found(&id))?;
            return Ok(Response::text(to_base64url(&data)));
        }
        [member] => transaction_of(&id, &found).json().remove(*member),
        _ => None,
    };
    match member {
        Some(Value::String(text)) => Ok(Response::text(text)),
        Some(other) => Ok(Response::json(200, &other)),
        None => Err(HttpError::missing("A transaction has no such member")),
    }
}

/// The transaction. An item and data that was added get the form of a transaction, whose signature is not one.
pub(crate) fn transaction_of(id: &Id, found: &Found) -> Transaction {
    if let Found::Transaction(stored) = found {
        return stored.transaction.clone();
    }
    let (anchor, data) = match found {
        Found::Item(stored) => (stored.item.head().anchor(), stored.item.data()),
        Found::Added(added) => (&[][..], &added.data[..]),
        Found::Transaction(_) => (&[][..], &[][..]),
    };
    Transaction {
        id: *id,
        owner: found.owner().into(),
        signature: found.signature().into(),
        target: found.target().into(),
        last_tx: anchor.into(),
        tags: found.tags().into(),
        quantity: "0".into(),
        reward: "0".into(),
        root: (!data.is_empty()).then(|| Id::from_bytes(merkle::data_root(data))),
        size: data.len() as u64,
    }
}

fn status<P: Platform>(context: &NetworkContext<P>, found: &Found) -> Response {
    let blocks = &context.options.blocks;
    let height = blocks.height(found.timestamp());
    let newest = blocks.height(context.platform.now());
    let body = json!({
        "block_height": height, "block_indep_hash": block_id(height),
        "number_of_confirmations": newest.saturating_sub(height) + 1
    });
    Response::json(200, &body)
}

/// The place of its data in the weave. Only transactions have one: items are parts of transactions.
fn offset(id: &Id, found: &Found) -> HttpResult<Response> {
    match found {
        Found::Transaction(stored) if stored.transaction.size > 0 => {
            let size = stored.transaction.size;
            let body = json!({ "size": size.to_string(), "offset": (stored.start + size).to_string() });
            Ok(Response::json(200, &body))
        }
        _ => Err(not_found(id)),
    }
}

/// `/chunk/:offset`: the chunk that has the byte at an offset in the weave. Offsets begin with 1.
pub(crate) async fn chunk<P: Platform>(context: &NetworkContext<P>, offset: &str) -> HttpResult<Response> {
    let offset = path_and_query::number(offset, "The offset")?;
    let platform = &context.platform;
    let missing = || HttpError::missing("There is no chunk at this offset");
    let at = offset.checked_sub(1).ok_or_else(missing)?;
    let (id, within) = transactions::at_offset(platform, at).await?.ok_or_else(missing)?;
    let stored = transactions::get(platform, &id).await?.ok_or_else(missing)?;
    let root = stored.transaction.root.ok_or_else(missing)?;
    let chunk = transactions::chunk(platform, &root, within)
        .await?
        .ok_or_else(missing)?;
    let body = json!({
        "chunk": to_base64url(&chunk.data), "data_path": to_base64url(&chunk.path), "tx_path": "",
        "packing": "unpacked"
    });
    Ok(Response::json(200, &body))
}

/// `POST /tx` with a transaction in JSON. Its id, its signature, and the root of data that it contains are verified. Its
/// `last_tx` is not: any anchor is accepted.
pub(crate) async fn post<P: Platform>(context: &NetworkContext<P>, body: &[u8]) -> HttpResult<Response> {
    let given: Value = serde_json::from_slice(body)
        .map_err(|error| HttpError::bad_request(format!("The body is not a transaction in JSON: {error}")))?;
    let transaction = Transaction::read(&given)?;
    let platform = &context.platform;
    if transaction.quantity != "0" {
        let message = "No wallet has AR in this network. Set quantity to 0";
        return Err(HttpError::bad_request(message));
    }
    if transaction.owner.len() != 512 {
        let bits = transaction.owner.len() * 8;
        let message = format!("The transaction is signed with a key of {bits} bits. Use an RSA key of 4096 bits");
        return Err(HttpError::new(400, ErrorKind::Unsupported, message));
    }
    // A transaction is signed as an item of this type: RSA-PSS over a deep hash.
    let signature = ItemSignature {
        signature_type: SignatureType::Arweave,
        owner: &transaction.owner,
        hash: &transaction.hash(),
        signature: &transaction.signature,
    };
    let check = platform.verify(signature).await?;
    if !check.matches {
        let message = format!(
            "The signature of transaction {} is not valid. Sign it again",
            transaction.id
        );
        return Err(HttpError::new(400, ErrorKind::BadSignature, message));
    }
    let data = given["data"].as_str().map_or_else(|| Some(Vec::new()), from_base64url);
    let data = data.ok_or_else(|| HttpError::bad_request("The data of the transaction is not base64url"))?;
    if let Some(root) = transaction.root.as_ref().filter(|_| !data.is_empty()) {
        let chunks = merkle::chunks(&data, root.as_bytes());
        let Some(chunks) = chunks.filter(|_| data.len() as u64 == transaction.size) else {
            let message = "The data does not belong to data_root and data_size. Send the data that was signed";
            return Err(HttpError::bad_request(message));
        };
        for merkle::Chunk { start, end, path } in chunks {
            let place = (start as u64, end as u64);
            transactions::insert_chunk(platform, root, place, &path, &data[start..end]).await?;
        }
    } else if !data.is_empty() {
        return Err(HttpError::bad_request(
            "The transaction has data and no data_root. Sign its data_root",
        ));
    }
    if transactions::get(platform, &transaction.id).await?.is_some() {
        return Ok(Response::new(
            208,
            "text/plain; charset=utf-8",
            "Transaction already processed.",
        ));
    }
    transactions::insert(platform, &transaction, platform.now()).await?;
    Ok(Response::text("OK"))
}

/// `POST /chunk`: a part of a transaction's data, whose place is verified. Errors have the words of Arweave's nodes, by which
/// clients decide what to do.
pub(crate) async fn post_chunk<P: Platform>(
    context: &NetworkContext<P>,
    catalogue: &mut Catalogue,
    body: &[u8],
) -> HttpResult<Response> {
    let refuse = |error: &str| HttpError::bad_request(error);
    let given: Value = serde_json::from_slice(body).map_err(|_| refuse("invalid_json"))?;
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let number = |name: &str| text(name).parse::<u64>().map_err(|_| refuse("invalid_json"));
    let root = Id::parse(text("data_root"), "data_root").map_err(|_| refuse("invalid_json"))?;
    let (size, offset) = (number("data_size")?, number("offset")?);
    let bytes = |name: &str| from_base64url(text(name)).ok_or_else(|| refuse("invalid_json"));
    let (path, chunk) = (bytes("data_path")?, bytes("chunk")?);
    if chunk.len() > MAX_CHUNK {
        return Err(refuse("chunk_too_big"));
    }
    let mut known = catalogue.list(context).await?;
    if !known.any(|item| item.root == Some(root) && item.size == size) {
        return Err(refuse("data_root_not_found"));
    }
    let proven = merkle::verify(root.as_bytes(), offset, size, &path);
    let proven = proven.filter(|proven| {
        proven.end.checked_sub(proven.start) == Some(chunk.len() as u64) && *Id::of(&chunk).as_bytes() == proven.hash
    });
    let proven = proven.ok_or_else(|| refuse("invalid_proof"))?;
    transactions::insert_chunk(&context.platform, &root, (proven.start, proven.end), &path, &chunk).await?;
    Ok(Response::text("OK"))
}

/// `/wallet/:address/last_tx`: the wallet's newest transaction.
pub(crate) async fn last_of<P: Platform>(
    context: &NetworkContext<P>,
    catalogue: &mut Catalogue,
    address: &str,
) -> HttpResult<Response> {
    let address = path_and_query::id(address, "The address")?;
    let mut transactions = catalogue.list(context).await?.filter(|item| item.is_transaction);
    let last = transactions.rfind(|item| item.owner == address);
    Ok(Response::text(last.map(|item| item.id.to_string()).unwrap_or_default()))
}

fn not_found(id: &Id) -> HttpError {
    HttpError::missing(format!("There is no item {id} in this network"))
}
