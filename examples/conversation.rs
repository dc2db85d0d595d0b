//! Sends a list of messages to a process, and prints one line of JSON for each evaluation.
//!
//! ```sh
//! cargo run --features wasmi --example conversation -- module.wasm conversation.json
//! ```
//!
//! The conversation is `{"environment": {…}, "steps": [{"message": {…}}, {"dryrun": {…}}, "resume", …]}`. `resume` takes a
//! snapshot and goes on with it in a new process; `checkpoint` does so with a compute unit's checkpoint. `{"save": path}`
//! writes a checkpoint to a file, and `{"load": path}` reads one. Times are printed to standard error.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use aoxide::compute::{Module, Process, ProcessEvaluation, Wasmi};
use serde_json::value::RawValue;

#[derive(serde::Deserialize)]
struct Conversation {
    environment: Box<RawValue>,
    format: Option<String>,
    steps: Vec<Step>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Message(Box<RawValue>),
    Dryrun(Box<RawValue>),
    Resume,
    Checkpoint,
    Save(String),
    Load(String),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(conversation)) = (arguments.next(), arguments.next()) else {
        return Err("usage: conversation <module.wasm> <conversation.json>".into());
    };
    let conversation: Conversation = serde_json::from_slice(&std::fs::read(conversation)?)?;
    let environment = conversation.environment.get();
    let mut watch = Watch(Instant::now());
    let module = Module::load(&Wasmi::new(), &std::fs::read(module)?, conversation.format.as_deref())?;
    watch.lap("load");
    let mut process = module.instantiate(environment)?;
    watch.lap("instantiate");
    for step in conversation.steps {
        match step {
            Step::Message(message) => print(&process.handle(message.get()))?,
            Step::Dryrun(message) => print(&process.dryrun(message.get()))?,
            Step::Resume => process = resume(&module, process, environment)?,
            Step::Checkpoint => {
                let checkpoint = process.checkpoint()?;
                process = module.resume_checkpoint(environment, &checkpoint)?;
            }
            Step::Save(path) => std::fs::write(path, process.checkpoint()?)?,
            Step::Load(path) => process = module.resume_checkpoint(environment, &std::fs::read(path)?)?,
        }
        watch.lap("step");
    }
    Ok(())
}

fn resume(module: &Module, mut process: Process, environment: &str) -> Result<Process, Box<dyn Error>> {
    let snapshot = process.snapshot()?;
    drop(process);
    eprintln!("snapshot: {} bytes", snapshot.len());
    Ok(module.resume(environment, &snapshot)?)
}

fn print(evaluation: &aoxide::Result<ProcessEvaluation>) -> Result<(), Box<dyn Error>> {
    let line = match evaluation {
        Ok(evaluation) => evaluation.to_json(),
        Err(error) => serde_json::json!({ "code": error.kind().code(), "message": error.message() }).to_string(),
    };
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

struct Watch(Instant);

impl Watch {
    fn lap(&mut self, what: &str) {
        eprintln!("{what}: {:.1} ms", self.0.elapsed().as_secs_f64() * 1000.0);
        self.0 = Instant::now();
    }
}
