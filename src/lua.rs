//! The Lua module: a process module with Lua 5.3 and the libraries that AO's handlers expect.
//!
//! The crate has the module's hash, id and tags. It does not have the bytes, which are built from C: they are the file
//! `wasm/lua.wasm` of the npm package of the same version, and `cargo xtask build --only lua` builds them. The reasons are in
//! `docs/decisions/lua-in-the-crate.md`.

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::compute::{Engine, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{PROTOCOL, VARIANT};

/// SHA-256 of the module, in hexadecimal.
const HASH: &str = include_str!("../lua/module.sha256");

/// The value of the module's tag `Module-Format`.
pub const FORMAT: &str = "wasm32-unknown-emscripten4";

/// The module of this version of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LuaModule {
    id: Id,
    bytes: Vec<u8>,
}

impl LuaModule {
    /// # Errors
    /// `BadModule` for other bytes than those of this version's module.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = bytes.into();
        let id = Id::of(&bytes);
        let hash: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = HASH.trim();
        if hash != expected {
            let message = format!(
                "These bytes are not the Lua module of this version: their SHA-256 is {hash} instead of {expected}. Take \
                 `wasm/lua.wasm` of the npm package of the same version"
            );
            return Err(Error::new(ErrorKind::BadModule, message));
        }
        Ok(Self { id, bytes })
    }

    /// SHA-256 of the bytes: the id under which local networks of the npm package have the module.
    pub fn id(&self) -> Id {
        self.id
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The tags with which the module can be published on AO.
    pub fn tags() -> Vec<Tag> {
        [
            ("Data-Protocol", PROTOCOL),
            ("Variant", VARIANT),
            ("Type", "Module"),
            ("Module-Format", FORMAT),
            ("Input-Encoding", "JSON-V1"),
            ("Output-Encoding", "JSON-V1"),
            ("Memory-Limit", "512-mb"),
            ("Compute-Limit", "9000000000000"),
            ("Content-Type", "application/wasm"),
        ]
        .map(|(name, value)| Tag::new(name, value))
        .into()
    }

    /// Loads the module on an engine.
    ///
    /// # Errors
    /// As [`Module::load`].
    pub fn load(&self, engine: &dyn Engine) -> Result<Module> {
        Module::load(engine, &self.bytes, Some(FORMAT))
    }
}
