//! What a request carries: a data item, a message in HTTP's own form, or nothing.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::rc::Rc;

use super::repeat::{last_key, scheduled};
use crate::ans104::{Draft, Tag};
use crate::arweave::{Id, to_base64url};
use crate::client::Message;
use crate::error::Result;
#[cfg(feature = "httpsig")]
use crate::httpsig;
use crate::platform::{Headers, Method, Random, Repeat};
use crate::protocol::{Form, request_tags};
use crate::signer::{SignedItem, Signer};

/// The tag that makes an item unlike all others.
pub const SALT: &str = "salt";

/// The query of unsigned requests for JSON. Older nodes go by the `Accept` header.
pub(super) const JSON_QUERY: &str = "require-codec=application/json&accept-bundle=true";

/// Data of an item for which the caller gave none.
pub(super) const DEFAULT_DATA: &str = "1984";

/// What a request carries.
pub enum Payload<'a, S: Signer> {
    /// A data item, which is posted.
    Item(ItemFields<S::Data>, &'a S),
    /// A data item that only identifies its signer. The node keeps nothing of it.
    SignedRead(ItemFields<S::Data>, &'a S),
    /// A message in HTTP's own form.
    Http(HttpMessage<S::Item>),
    /// Nothing. The response should be JSON.
    Json,
    /// Nothing. The node chooses the form of the response.
    Plain,
}

/// What an item is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFields<D> {
    pub target: Option<Id>,
    /// 32 bytes. Nodes of September 2025 refuse items that have an anchor.
    pub anchor: Option<Vec<u8>>,
    pub tags: Vec<Tag>,
    pub data: D,
}

impl<D: From<&'static str>> ItemFields<D> {
    /// An item for a path that needs a signature and nothing else.
    ///
    /// # Errors
    /// None.
    pub(super) fn plain() -> Result<Self> {
        Ok(Self {
            target: None,
            anchor: None,
            tags: request_tags(Vec::new(), Form::Headers, "Message")?,
            data: "".into(),
        })
    }

    /// The item of a message.
    ///
    /// # Errors
    /// `BadId`, `BadTags`.
    pub(super) fn of_message(message: Message<D>) -> Result<Self> {
        Ok(Self {
            target: Some(Id::parse(&message.process, "Target")?),
            anchor: message.anchor,
            tags: request_tags(message.tags, Form::Json, "Message")?,
            data: message.data.unwrap_or_else(|| DEFAULT_DATA.into()),
        })
    }
}

impl<D> ItemFields<D> {
    /// Whether the item creates a process.
    pub(super) fn is_process(&self) -> bool {
        self.tags
            .iter()
            .any(|tag| tag.name.eq_ignore_ascii_case(b"type") && tag.value.eq_ignore_ascii_case(b"process"))
    }

    /// The unsigned item and its data. A kept item without an anchor gets a salt: nodes store messages by their content, and
    /// two processes with the same fields would overwrite each other.
    ///
    /// # Errors
    /// `BadTags`, `BadAnchor`; `Unsupported` without a source of randomness.
    pub(super) fn into_draft<R: Random>(mut self, random: &R, is_kept: bool) -> Result<(Draft, D)> {
        let has_salt = |tag: &Tag| tag.name.eq_ignore_ascii_case(SALT.as_bytes());
        if is_kept && self.anchor.is_none() && !self.tags.iter().any(has_salt) {
            let mut bytes = [0; 24];
            random.fill(&mut bytes)?;
            self.tags.insert(0, Tag::new(SALT, to_base64url(&bytes)));
        }
        let draft = Draft {
            target: self.target,
            anchor: self.anchor,
            tags: self.tags,
        };
        // A wallet shows a dialog. It must not do so for an item that can never be sent.
        draft.check()?;
        Ok((draft, self.data))
    }
}

/// A message in HTTP's own form, encoded and perhaps signed.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpMessage<B> {
    pub method: Method,
    pub headers: Headers,
    pub body: Option<B>,
    /// Id of the signature, if the message is signed.
    pub id: Option<Id>,
}

impl<B> HttpMessage<B> {
    /// What a further copy means to the node.
    pub(super) fn repeat(&self, node: &Rc<str>, path: &str) -> Repeat {
        // A signed `GET` of `push` schedules the message that it carries.
        if !self.method.has_body() && (self.id.is_none() || last_key(path) != "push") {
            return Repeat::Freely;
        }
        let mut process = None;
        if let Headers::Own(fields) = &self.headers {
            for (name, value) in fields.iter() {
                match &**name {
                    "target" if process.is_none() => process = Id::parse(value, "").ok(),
                    "type" if value.eq_ignore_ascii_case("process") => process = self.id,
                    _ => {}
                }
            }
        }
        scheduled(node, path, process, self.id)
    }
}

#[cfg(feature = "httpsig")]
impl HttpMessage<Vec<u8>> {
    /// A message with a body is posted; one without is a `GET`.
    fn new(headers: &httpsig::Fields, body: Option<Vec<u8>>, id: Option<Id>) -> Self {
        // An empty body counts as none. The signature covers its digest.
        let body = body.filter(|body| !body.is_empty());
        Self {
            method: if body.is_some() { Method::Post } else { Method::Get },
            headers: headers.to_text().collect(),
            body,
            id,
        }
    }
}

#[cfg(feature = "httpsig")]
impl From<httpsig::SignedMessage> for HttpMessage<Vec<u8>> {
    fn from(signed: httpsig::SignedMessage) -> Self {
        Self::new(&signed.headers, signed.body, Some(signed.id))
    }
}

#[cfg(feature = "httpsig")]
impl From<httpsig::Encoded> for HttpMessage<Vec<u8>> {
    /// An unsigned message.
    fn from(encoded: httpsig::Encoded) -> Self {
        Self::new(&encoded.headers, encoded.body, None)
    }
}

/// Signer of plans that sign nothing. It has no values.
pub enum NoSigner<I> {
    #[doc(hidden)]
    Never(Infallible, PhantomData<I>),
}

impl<I> Signer for NoSigner<I> {
    type Data = &'static str;
    type Item = I;

    async fn sign(&self, _: Draft, _: &'static str) -> Result<SignedItem<I>> {
        match *self {
            Self::Never(never, _) => match never {},
        }
    }
}
