//! Tags in JSON.

use serde::{Deserialize, Serialize};

/// A tag in JSON, where names and values are strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextTag {
    pub name: String,
    pub value: String,
}
