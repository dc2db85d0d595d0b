//! Starting a process: new, from a snapshot, or from a checkpoint.

use super::memory::image::Image;
use super::module::Module;
use super::process::Process;
use super::snapshot::{self, Snapshot};
use super::trap::Trap;
use crate::error::{Error, ErrorKind, Result};

impl Module {
    /// Starts a new process. `environment` is JSON: `{"Process": {"Id", "Owner", "Tags"}, "Module": {"Id", "Owner",
    /// "Tags"}}`.
    ///
    /// # Errors
    /// What ended the module's start: `EngineTrap`, `OutOfGas`, `OutOfMemory`, `Stopped`, `BadModule`.
    pub fn instantiate(&self, environment: &str) -> Result<Process> {
        let interruptible = false;
        let (instance, interruptible) = match self.boot(interruptible) {
            Err(Trap::NeedsInterruptible) => (self.boot(true)?, true),
            booted => (booted?, interruptible),
        };
        Process::new(self.clone(), environment, instance, interruptible)
    }

    /// Continues a process from a snapshot.
    ///
    /// # Errors
    /// `BadSnapshot` for a snapshot that is damaged, or of another module.
    pub fn resume(&self, environment: &str, snapshot: &[u8]) -> Result<Process> {
        let Snapshot { image, clock } = snapshot::read(snapshot, &self.hash(), self.limits().memory)?;
        self.continued(environment, image, Some(clock))
    }

    /// Continues a process from a compute unit's checkpoint: raw memory, compressed with gzip or not.
    ///
    /// A checkpoint does not contain its module's hash, and the memory of another module gives wrong results. Compare
    /// the checkpoint's tag `Module`, and its tag `SHA-256` with [`Process::memory_hash`].
    ///
    /// # Errors
    /// `BadSnapshot` for bytes that are damaged or are not memory.
    pub fn resume_checkpoint(&self, environment: &str, checkpoint: &[u8]) -> Result<Process> {
        let image = snapshot::read_checkpoint(checkpoint, self.limits().memory)?;
        self.continued(environment, image, None)
    }

    fn continued(&self, environment: &str, image: Image, clock: Option<f64>) -> Result<Process> {
        if image.size() < self.layout().initial {
            return Err(Error::new(
                ErrorKind::BadSnapshot,
                format!(
                    "The snapshot belongs to another module: it has {} bytes of memory, and this module starts with {}",
                    image.size(),
                    self.layout().initial
                ),
            ));
        }
        let instance = self.restored(&image, clock, false)?;
        Process::new(self.clone(), environment, instance, false)
    }
}
