//! Starting a process: new, from a snapshot, or from a checkpoint.

use super::memory::image::Image;
use super::module::Module;
use super::process::Process;
use super::snapshot::{self, Snapshot};
use super::trap::Trap;
use crate::error::{Error, ErrorKind, Result};

impl Module {
    /// A new process. `environment` is JSON: `{"Process": {"Id", "Owner", "Tags"}, "Module": {"Id", "Owner", "Tags"}}`.
    ///
    /// # Errors
    /// Whatever the module's start ends with: `EngineTrap`, `OutOfGas`, `OutOfMemory`, `Stopped`, `BadModule`.
    pub fn instantiate(&self, environment: &str) -> Result<Process> {
        let interruptible = false;
        let (instance, interruptible) = match self.boot(interruptible) {
            Err(Trap::NeedsInterruptible) => (self.boot(true)?, true),
            booted => (booted?, interruptible),
        };
        Process::new(self.clone(), environment, instance, interruptible)
    }

    /// A process as it was when the snapshot was taken.
    ///
    /// # Errors
    /// `BadSnapshot` when it is damaged, or another module's.
    pub fn resume(&self, environment: &str, snapshot: &[u8]) -> Result<Process> {
        let Snapshot { image, clock } = snapshot::read(snapshot, &self.hash(), self.limits().memory)?;
        self.continued(environment, image, Some(clock))
    }

    /// A process from a compute unit's checkpoint: its raw memory, compressed with gzip or not.
    ///
    /// The module is not written in it: continuing another module's memory gives nonsense. Compare the checkpoint's
    /// tag `Module`, and its tag `SHA-256` with [`Process::memory_hash`].
    ///
    /// # Errors
    /// `BadSnapshot` when it is damaged or is not memory.
    pub fn resume_checkpoint(&self, environment: &str, checkpoint: &[u8]) -> Result<Process> {
        let image = snapshot::read_checkpoint(checkpoint, self.limits().memory)?;
        self.continued(environment, image, None)
    }

    fn continued(&self, environment: &str, image: Image, clock: Option<f64>) -> Result<Process> {
        if image.size() < self.layout().initial {
            return Err(Error::new(
                ErrorKind::BadSnapshot,
                format!(
                    "The snapshot is another module's: it has {} bytes of memory, and this one begins with {}",
                    image.size(),
                    self.layout().initial
                ),
            ));
        }
        let instance = self.restored(&image, clock, false)?;
        Process::new(self.clone(), environment, instance, false)
    }
}
