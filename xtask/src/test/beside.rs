//! Runs suites beside others: in a second process of this program, whose output is shown as it comes, behind a bar.

use std::env;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::Report;
use crate::project::Project;
use crate::run::{Problem, Result};

/// The name under which the summary lists these suites. They print a summary of their own.
const NAME: &str = "beside";

pub struct Beside {
    child: Child,
    printers: Vec<JoinHandle<()>>,
    start: Instant,
}

impl Beside {
    pub fn start(project: &Project, suites: &[&str]) -> Result<Self> {
        let failed = |error| Problem::new(format!("the second process of the tests did not start: {error}"));
        let program = env::current_exe().map_err(failed)?;
        let mut command = Command::new(program);
        command.arg("test").args(suites).current_dir(&project.root);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let printers = [child.stdout.take().map(print), child.stderr.take().map(print)];
        Ok(Self {
            child,
            printers: printers.into_iter().flatten().collect(),
            start: Instant::now(),
        })
    }

    /// Waits until the suites end.
    pub fn finish(mut self) -> Report {
        let status = self.child.wait();
        for printer in self.printers {
            // A printer panics only if there is no output any more.
            let _ = printer.join();
        }
        let result = match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Problem::new(format!("see the lines behind bars ({status})"))),
            Err(error) => Err(Problem::new(format!("the second process was lost: {error}"))),
        };
        Report {
            name: NAME,
            time: self.start.elapsed(),
            result,
        }
    }
}

fn print(pipe: impl Read + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(std::result::Result::ok) {
            println!("│ {}", String::from_utf8_lossy(&line));
        }
    })
}
