//! WeaveDrive: files of the local gateway for modules that read them.
//!
//! A module reads a file while it runs, and the store answers later: see `evaluate`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use serde_json::Value;

use crate::ans104::Tag;
use crate::arweave::Id;
use crate::compute::WeaveDrive;
use crate::error::Result;
use crate::local::gateway::transaction_of;
use crate::local::platform::Platform;
use crate::local::store::found;
use crate::local::tags;

/// Maximum number of bytes of files that stay in memory between messages.
const MAX_BYTES: usize = 64 << 20;

/// The files of a network. Only those are visible that had arrived before the message that runs, so that a message which is
/// evaluated again reads the same.
#[derive(Default)]
pub(crate) struct Drive {
    /// Files by path, with the time at which each arrived.
    files: RefCell<HashMap<String, (u64, Vec<u8>)>>,
    access: RefCell<Access>,
    /// The timestamp of the message that runs.
    now: Cell<u64>,
    /// The paths that were opened, and were not in memory.
    wanted: RefCell<Vec<String>>,
    used: Cell<bool>,
}

/// What a process may read.
#[derive(Default)]
enum Access {
    #[default]
    Nothing,
    /// The data that its tag `On-Boot` names.
    Boot(String),
    All,
}

impl Access {
    /// A process reads everything if its module or the process itself has the tag `Extension` with the value `WeaveDrive`.
    fn of(process: &[Tag], module: &[Tag]) -> Self {
        if [process, module]
            .iter()
            .any(|list| tags::contain(list, "Extension", "WeaveDrive"))
        {
            return Self::All;
        }
        match tags::value(process, "On-Boot").filter(|id| *id != "Data") {
            Some(id) => Self::Boot(format!("/data/{id}")),
            None => Self::Nothing,
        }
    }

    fn allows(&self, path: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Boot(boot) => path == boot,
            Self::All => path.starts_with("/data/") || path.starts_with("/tx/"),
        }
    }
}

impl WeaveDrive for Drive {
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        if !self.access.borrow().allows(path) {
            return None;
        }
        self.used.set(true);
        match self.files.borrow().get(path) {
            Some((arrived, bytes)) => (*arrived <= self.now.get()).then(|| bytes.clone()),
            None => {
                self.wanted.borrow_mut().push(path.into());
                None
            }
        }
    }
}

impl Drive {
    /// Begins a message of a process. Its tags and those of its module decide what it may read.
    pub(super) fn begin(&self, process: &[Tag], module: &[Tag], now: u64) {
        *self.access.borrow_mut() = Access::of(process, module);
        self.now.set(now);
        self.used.set(false);
        self.wanted.borrow_mut().clear();
    }

    /// Loads the files that were missing. Returns whether the message that runs can read one of them.
    pub(super) async fn load(&self, platform: &impl Platform) -> Result<bool> {
        let mut is_visible = false;
        for path in self.wanted.take() {
            let id = path.rsplit('/').next().unwrap_or_default();
            let Ok(id) = Id::parse(id, "id") else { continue };
            let Some(found) = found::find(platform, &id).await? else {
                continue;
            };
            let bytes = match path.starts_with("/tx/") {
                true => Some(
                    Value::Object(transaction_of(&id, &found).json())
                        .to_string()
                        .into_bytes(),
                ),
                false => found.data(platform).await?,
            };
            if let Some(bytes) = bytes {
                is_visible |= found.timestamp() <= self.now.get();
                self.files.borrow_mut().insert(path, (found.timestamp(), bytes));
            }
        }
        Ok(is_visible)
    }

    /// Whether the message that runs has opened one of the files that it may read.
    pub(super) fn is_used(&self) -> bool {
        self.used.get()
    }

    /// Forgets the files under an id, whose data was replaced.
    pub(crate) fn forget(&self, id: &Id) {
        let id = id.to_string();
        self.files.borrow_mut().retain(|path, _| !path.ends_with(&id));
    }

    /// Forgets the files if they take too much memory.
    pub(super) fn make_room(&self) {
        let mut files = self.files.borrow_mut();
        if files.values().map(|(_, bytes)| bytes.len()).sum::<usize>() > MAX_BYTES {
            files.clear();
        }
    }
}
