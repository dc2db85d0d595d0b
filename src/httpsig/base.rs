//! The signature base (RFC 9421 section 2.5): the text that is signed. It has one line for each covered component, and
//! one for the parameters.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sfv::{BareItem, FieldType, InnerList, Item, ListEntry};

use super::fields::{Dictionary, Fields, canonical, show, show_inner_list, split_at, text_of};
use super::names::{DERIVED, bare};
use super::problem::{Fault, Problem};
use super::types::without_type;
use crate::ao_types::AO_TYPES;

/// The message that a signature covers: its fields, and from what other components are derived.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    pub fields: Option<&'a Fields>,
    /// A request's method.
    pub method: Option<&'a str>,
    /// A request's absolute URL.
    pub url: Option<&'a str>,
    /// A response's status.
    pub status: Option<u16>,
    /// A response's request.
    pub request: Option<&'a Context<'a>>,
}

/// A signature base: bytes that may have been signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub bytes: Vec<u8>,
    /// The fields whose whole values are in the base. Derived components, components of the request, and parts of
    /// fields are not included.
    pub(super) fields: Fields,
}

/// The possible bases of a signature, each once: the base of RFC 9421, and those of nodes. A node adds the status and
/// its type to a response that is signed already, so that there is also a base without them.
///
/// # Errors
/// Why RFC 9421 gives no base, where there is no other one either.
pub(super) fn possible_bases(list: &InnerList, context: &Context) -> Result<Vec<Base>, Problem> {
    let none = Fields::new();
    let fields = context.fields.unwrap_or(&none);
    let covers = |name: &str| plain_names(list).any(|each| bare(each) == name);
    let types = fields.get(AO_TYPES).filter(|_| covers(AO_TYPES) && !covers("status"));
    let narrowed = types.and_then(|types| without_type(&types, "status")).map(|types| {
        let others = fields.iter().filter(|(name, _)| *name != AO_TYPES);
        let mut narrowed: Fields = others.collect();
        narrowed.add(AO_TYPES, types);
        narrowed
    });
    let rfc = signature_base(list, context);
    let theirs = [Some(fields), narrowed.as_ref()].into_iter().flatten();
    let theirs = theirs.flat_map(|fields| [false, true].map(|has_at| hyperbeam_base(list, fields, has_at)));
    let mut bases: Vec<Base> = Vec::new();
    for base in rfc.clone().into_iter().chain(theirs.flatten()) {
        if bases.iter().all(|each| each.bytes != base.bytes) {
            bases.push(base);
        }
    }
    match rfc {
        Err(problem) if bases.is_empty() => Err(problem),
        _ => Ok(bases),
    }
}

/// The names of the components that have no parameters.
pub(super) fn plain_names(list: &InnerList) -> impl Iterator<Item = &str> {
    let items = list.items.iter().filter(|item| item.params.is_empty());
    items.filter_map(|item| text_of(&item.bare_item))
}

/// The base by RFC 9421.
///
/// # Errors
/// `MissingComponent`, `DuplicateComponent`, `BadField`.
pub(super) fn signature_base(list: &InnerList, context: &Context) -> Result<Base, Problem> {
    let mut base = Vec::new();
    let mut fields = Fields::new();
    let mut seen: Vec<String> = Vec::new();
    for item in &list.items {
        let identifier = show(&ListEntry::Item(item.clone()));
        if seen.contains(&identifier) {
            return Err(Problem::new(Fault::DuplicateComponent, identifier));
        }
        let value =
            component(item, context).ok_or_else(|| Problem::new(Fault::MissingComponent, identifier.clone()))?;
        // With a line end, a value could imitate the line of another component.
        if value.contains(&b'\n') {
            return Err(Problem::new(Fault::BadField, identifier));
        }
        push_line(&mut base, &identifier, &value);
        match &item.bare_item {
            BareItem::String(name) if item.params.is_empty() && !name.as_str().starts_with('@') => {
                fields.add(name.as_str(), value);
            }
            _ => {}
        }
        seen.push(identifier);
    }
    push_params(&mut base, list);
    Ok(Base { bytes: base, fields })
}

/// The base as HyperBEAM writes it: parameters in alphabetical order, and no `@` in the names of components, all of
/// which are fields of the message. With `has_at`, names in [`DERIVED`] begin with an `@` in the parameters.
fn hyperbeam_base(list: &InnerList, fields: &Fields, has_at: bool) -> Result<Base, Problem> {
    let mut base = Vec::new();
    let mut signed = Fields::new();
    let mut sorted = InnerList::default();
    for item in &list.items {
        let name = match &item.bare_item {
            BareItem::String(name) if item.params.is_empty() => name.as_str(),
            _ => return Err(Problem::new(Fault::MissingComponent, item.serialize())),
        };
        let field = bare(name);
        if signed.has(field) {
            return Err(Problem::new(Fault::DuplicateComponent, name));
        }
        let value = fields
            .get(field)
            .ok_or_else(|| Problem::new(Fault::MissingComponent, name))?;
        // Nodes sign values of several lines. A line that begins with a quote could imitate another component.
        if value.windows(2).any(|pair| pair == b"\n\"") {
            return Err(Problem::new(Fault::BadField, name));
        }
        push_line(&mut base, &format!("\"{field}\""), &value);
        signed.add(field, value);
        sorted
            .items
            .push(match sfv::String::from_string(with_at(field).into_owned()) {
                Ok(name) if has_at => Item::new(name),
                _ => item.clone(),
            });
    }
    for name in SIGNED_PARAMS {
        if let Some((name, value)) = list.params.get_key_value(name) {
            sorted.params.insert(name.clone(), value.clone());
        }
    }
    push_params(&mut base, &sorted);
    Ok(Base {
        bytes: base,
        fields: signed,
    })
}

/// A field's name as nodes write it in the signature parameters.
pub(super) fn with_at(field: &str) -> Cow<'_, str> {
    if DERIVED.contains(&field) {
        return format!("@{field}").into();
    }
    field.into()
}

/// The parameters that HyperBEAM signs, in its order.
const SIGNED_PARAMS: [&str; 7] = ["alg", "bundle", "created", "expires", "keyid", "nonce", "tag"];

pub(super) fn push_line(base: &mut Vec<u8>, identifier: &str, value: &[u8]) {
    base.extend_from_slice(identifier.as_bytes());
    base.extend_from_slice(b": ");
    base.extend_from_slice(value);
    base.push(b'\n');
}

fn push_params(base: &mut Vec<u8>, list: &InnerList) {
    base.extend_from_slice(b"\"@signature-params\": ");
    base.extend_from_slice(show_inner_list(list).as_bytes());
}

fn component(item: &Item, context: &Context) -> Option<Vec<u8>> {
    let BareItem::String(name) = &item.bare_item else {
        return None;
    };
    let name = name.as_str();
    let is_set = |param: &str| item.params.get(param) == Some(&BareItem::Boolean(true));
    let known = |(param, _): (&sfv::Key, _)| matches!(param.as_str(), "req" | "sf" | "bs" | "key" | "name");
    // Browsers do not expose trailers (`tr`). Other parameters are unknown.
    if !item.params.iter().all(known) {
        return None;
    }
    let context = if is_set("req") { context.request? } else { context };
    if let Some(derived) = name.strip_prefix('@') {
        let query_name = item.params.get("name").and_then(text_of);
        return derived_component(derived, query_name, context).map(String::into_bytes);
    }
    let fields = context.fields?;
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    if is_set("bs") {
        let lines = fields.lines(name).map(|line| Item::new(line).into());
        let lines: sfv::List = lines.collect();
        return lines.serialize().map(String::into_bytes);
    }
    let value = fields.get(name)?;
    if let Some(key) = item.params.get("key").and_then(text_of) {
        return Dictionary::parse(&value)?
            .get(key)
            .map(|member| show(member).into_bytes());
    }
    if is_set("sf") {
        return canonical(&value).map(String::into_bytes);
    }
    Some(value)
}

fn derived_component(name: &str, query_name: Option<&str>, context: &Context) -> Option<String> {
    match name {
        "method" => return context.method.map(Into::into),
        "status" => return context.status.map(|status| status.to_string()),
        "target-uri" => return context.url.map(Into::into),
        _ => {}
    }
    let url = Address::parse(context.url?)?;
    match name {
        "authority" => Some(url.authority),
        "scheme" => Some(url.scheme),
        "path" => Some(url.path.into()),
        "query" => Some(format!("?{}", url.query.unwrap_or_default())),
        "request-target" => Some(match url.query {
            Some(query) => format!("{}?{query}", url.path),
            None => url.path.into(),
        }),
        "query-param" => query_param(url.query?, query_name?),
        _ => None,
    }
}

/// The value of a query parameter that occurs once, encoded by RFC 9421 section 2.2.8.
fn query_param(query: &str, name: &str) -> Option<String> {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED_IN_QUERY).to_string();
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut values = pairs
        .filter(|(each, _)| encode(each) == name)
        .map(|(_, value)| encode(&value));
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// Characters that are percent-encoded in query parameters.
const ENCODED_IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

struct Address<'a> {
    scheme: String,
    authority: String,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = split_at(url, "://")?;
        let scheme = scheme.to_ascii_lowercase();
        let rest = rest.split('#').next()?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end)?;
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let authority = authority.to_ascii_lowercase();
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        Some(Self {
            authority: authority.strip_suffix(default_port).unwrap_or(&authority).into(),
            scheme,
            path: if path.is_empty() { "/" } else { path },
            query,
        })
    }
}
