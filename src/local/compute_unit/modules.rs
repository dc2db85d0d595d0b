//! Cache of loaded modules. Modules are added by the caller or uploaded as data items.

use std::collections::HashMap;
use std::rc::Rc;

use super::drive::Drive;
use crate::ans104::Tag;
use crate::arweave::Id;
use crate::compute::{Engine, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::local::context::NetworkContext;
use crate::local::json::text_tags;
use crate::local::platform::Platform;
use crate::local::store::found::{self, Found};
use crate::local::store::{names, records};
use crate::local::tags;
use crate::protocol::{PROTOCOL, TextTag, VARIANT, check_module};

/// Maximum number of loaded modules. Each takes several times its size.
const MAX_LOADED: usize = 16;

/// A loaded module, and what the environment of its processes contains about it.
#[derive(Clone)]
pub(crate) struct LoadedModule {
    pub module: Module,
    /// As the gateway says: the network's address for a module that the caller added.
    pub owner: Option<Id>,
    pub tags: Rc<[Tag]>,
}

/// A module's bytes and tags, as stored.
pub(crate) struct ModuleSource {
    pub owner: Option<Id>,
    pub tags: Vec<Tag>,
    pub bytes: Vec<u8>,
}

pub(crate) struct Modules<P> {
    context: Rc<NetworkContext<P>>,
    engines: Vec<Rc<dyn Engine>>,
    loaded: HashMap<Id, LoadedModule>,
    drive: Rc<Drive>,
}

impl<P: Platform> Modules<P> {
    pub(crate) fn new(context: Rc<NetworkContext<P>>) -> Self {
        Self {
            context,
            #[cfg(feature = "wasmi")]
            engines: vec![Rc::new(crate::compute::Wasmi::new())],
            #[cfg(not(feature = "wasmi"))]
            engines: Vec::new(),
            loaded: HashMap::new(),
            drive: Rc::default(),
        }
    }

    /// The files that modules may read.
    pub(crate) fn drive(&self) -> Rc<Drive> {
        Rc::clone(&self.drive)
    }

    /// Sets the engines. The first engine that supports a module runs it.
    pub(crate) fn set_engines(&mut self, engines: Vec<Rc<dyn Engine>>) {
        self.engines = engines;
        self.loaded.clear();
    }

    /// Stores a module under an id. An existing module stays, unless its record is damaged.
    pub(crate) async fn add(&mut self, id: Id, bytes: &[u8], format: Option<&str>) -> Result<()> {
        let module = self.load(bytes, format)?;
        let format = format.unwrap_or_else(|| module.format().name());
        let record = records::encode(&tags_of_bytes(format), bytes)?;
        let name = names::module(&id);
        let platform = &self.context.platform;
        let is_new = records::insert(platform, &name, &record).await?;
        if !is_new
            && records::get(platform, &name)
                .await
                .is_err_and(|error| records::is_damage(&error))
        {
            records::put(platform, &name, &record).await?;
        }
        self.loaded.remove(&id);
        Ok(())
    }

    /// Whether the network has a module with this id.
    pub(crate) async fn has(&self, id: &Id) -> Result<bool> {
        Ok(self.loaded.contains_key(id) || self.source(id).await?.is_some())
    }

    /// Returns a module, loaded.
    pub(crate) async fn get(&mut self, id: &Id) -> Result<LoadedModule> {
        if let Some(loaded) = self.loaded.get(id) {
            return Ok(loaded.clone());
        }
        let source = self.source(id).await?.ok_or_else(|| {
            let message = format!("There is no module {id} in this network");
            Error::new(ErrorKind::NotFound, message)
        })?;
        let format = tags::value(&source.tags, "Module-Format");
        // Formats without a name on the network are recognised by the module's bytes.
        let format = format.filter(|format| format.contains("emscripten"));
        let loaded = LoadedModule {
            module: self.load(&source.bytes, format)?,
            owner: source.owner,
            tags: source.tags.into(),
        };
        if self.loaded.len() >= MAX_LOADED {
            self.loaded.clear();
        }
        self.loaded.insert(*id, loaded.clone());
        Ok(loaded)
    }

    /// Reads a module's bytes and tags: one that the caller added, or one that was uploaded.
    pub(crate) async fn source(&self, id: &Id) -> Result<Option<ModuleSource>> {
        let name = names::module(id);
        if let Some(bytes) = records::get(&self.context.platform, &name).await? {
            let (tags, bytes) = records::decode::<Vec<TextTag>>(&name, &bytes)?;
            let tags = tags.into_iter().map(|tag| Tag::new(tag.name, tag.value));
            return Ok(Some(ModuleSource {
                owner: Some(self.context.address),
                tags: tags.collect(),
                bytes: bytes.into(),
            }));
        }
        let platform = &self.context.platform;
        let Some(found) = found::find(platform, id).await? else {
            return Ok(None);
        };
        let tags = found.tags().to_vec();
        check_module(&text_tags(&tags))?;
        let Some(bytes) = found.data(platform).await? else {
            return Ok(None);
        };
        Ok(Some(ModuleSource {
            owner: match found {
                Found::Added(_) => Some(self.context.address),
                _ => Some(Id::of(found.owner())),
            },
            tags,
            bytes,
        }))
    }

    /// Loads a module with the first engine that supports it.
    fn load(&self, bytes: &[u8], format: Option<&str>) -> Result<Module> {
        let mut unsupported = None;
        for engine in &self.engines {
            match Module::load_within(&**engine, bytes, format, self.context.options.limits.clone()) {
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    unsupported.get_or_insert(error);
                }
                loaded => {
                    let mut module = loaded?;
                    module.set_weavedrive(self.drive());
                    return Ok(module);
                }
            }
        }
        Err(unsupported.unwrap_or_else(|| Error::new(ErrorKind::Unsupported, "The network has no engine for modules")))
    }
}

/// The tags of a module that was added as bytes.
fn tags_of_bytes(format: &str) -> Vec<TextTag> {
    let tags = [
        ("Data-Protocol", PROTOCOL),
        ("Variant", VARIANT),
        ("Type", "Module"),
        ("Module-Format", format),
        ("Input-Encoding", "JSON-V1"),
        ("Output-Encoding", "JSON-V1"),
        ("Content-Type", "application/wasm"),
    ];
    let tag = |(name, value): (&str, &str)| TextTag {
        name: name.into(),
        value: value.into(),
    };
    tags.map(tag).into()
}
