//! Modules: brought by the caller, or uploaded as data items.

use std::rc::Rc;

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::compute::Module;
use crate::error::{Error, ErrorKind, Result};
use crate::local::json::text_tags;
use crate::local::network::Network;
use crate::local::platform::Platform;
use crate::local::scheduler::schedule::tag;
use crate::local::store::records as store;
use crate::protocol::{PROTOCOL, TextTag, VARIANT, check_module};

/// Most modules that are kept ready: each takes several times its size.
const MOST: usize = 16;

/// A module that is ready for processes, and what they are told of it.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub module: Module,
    pub owner: Option<Id>,
    pub tags: Rc<[Tag]>,
}

/// A module, as it is kept.
pub(crate) struct Source {
    pub owner: Option<Id>,
    pub tags: Vec<Tag>,
    pub bytes: Vec<u8>,
}

impl<H: Platform> Network<H> {
    /// Adds a module under an id, for instance one that is on Arweave. `format` is its tag `Module-Format`. A module that is
    /// there stays, unless its record is damaged.
    ///
    /// # Errors
    /// `BadModule`, `Unsupported`, `Storage`.
    pub async fn add_module(&mut self, id: Id, bytes: &[u8], format: Option<&str>) -> Result<()> {
        let module = self.load(bytes, format)?;
        let format = format.unwrap_or_else(|| module.format().name());
        let tags = module_tags(format);
        let record = store::join(&tags, bytes)?;
        let name = store::module_name(&id);
        let is_new = store::insert(&*self.platform, &name, &record).await?;
        if !is_new
            && store::get(&*self.platform, &name)
                .await
                .is_err_and(|error| store::is_damage(&error))
        {
            store::put(&*self.platform, &name, &record).await?;
        }
        self.modules.remove(&id);
        Ok(())
    }

    /// With the first of the engines that can run it.
    fn load(&self, bytes: &[u8], format: Option<&str>) -> Result<Module> {
        let mut refused = None;
        for engine in &self.engines {
            match Module::load_within(&**engine, bytes, format, self.options.limits.clone()) {
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    refused.get_or_insert(error);
                }
                loaded => return loaded,
            }
        }
        Err(refused.unwrap_or_else(|| Error::new(ErrorKind::Unsupported, "The network has no engine for modules")))
    }

    pub(crate) async fn module(&mut self, id: &Id) -> Result<Loaded> {
        if let Some(loaded) = self.modules.get(id) {
            return Ok(loaded.clone());
        }
        let source = self.module_source(id).await?.ok_or_else(|| no_module(id))?;
        let format = tag(&source.tags, "Module-Format");
        // What this crate calls formats that have no name on the network is seen from the bytes.
        let format = format.filter(|format| format.contains("emscripten"));
        let loaded = Loaded {
            module: self.load(&source.bytes, format)?,
            owner: source.owner,
            tags: source.tags.into(),
        };
        if self.modules.len() >= MOST {
            self.modules.clear();
        }
        self.modules.insert(*id, loaded.clone());
        Ok(loaded)
    }

    /// A module by its id: one that the caller brought, or one that came as a data item.
    pub(crate) async fn module_source(&self, id: &Id) -> Result<Option<Source>> {
        let name = store::module_name(id);
        if let Some(bytes) = store::get(&*self.platform, &name).await? {
            let (tags, bytes) = store::split::<Vec<TextTag>>(&name, &bytes)?;
            let tags = tags.into_iter().map(|tag| Tag::new(tag.name, tag.value));
            return Ok(Some(Source {
                owner: None,
                tags: tags.collect(),
                bytes: bytes.into(),
            }));
        }
        let Some(store::Kept { item, .. }) = store::item(&*self.platform, id).await? else {
            return Ok(None);
        };
        let tags = item.head().tags().to_vec();
        check_module(&text_tags(&tags))?;
        Ok(Some(Source {
            owner: Some(Id::of(item.head().owner())),
            tags,
            bytes: item.data().into(),
        }))
    }
}

pub(crate) fn no_module(id: &Id) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no module {id} in this network"))
}

/// The tags of a module that came as bytes alone.
fn module_tags(format: &str) -> Vec<TextTag> {
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
