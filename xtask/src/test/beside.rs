//! Runs suites beside others: in a second process of this program, whose output is shown as it comes, behind a bar.
//!
//! The second process installs what this machine lacks, and begins with the first of its suites. When this process has no others
//! left, it takes the last of them.

use std::env;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::claims::Claims;
use super::{Report, Suite};
use crate::project::Project;
use crate::run::{Problem, Result};

/// The name under which the summary lists these suites. They print a summary of their own.
const NAME: &str = "beside";

pub struct Beside {
    child: Child,
    claims: Claims,
    suites: Vec<&'static Suite>,
    printers: Vec<JoinHandle<()>>,
    start: Instant,
}

impl Beside {
    pub fn start(project: &Project, suites: Vec<&'static Suite>) -> Result<Self> {
        let failed = |error| Problem::new(format!("the second process of the tests did not start: {error}"));
        let program = env::current_exe().map_err(failed)?;
        let mut command = Command::new(program);
        let claims = Claims::new(project)?;
        command.arg("test").args(suites.iter().map(|suite| suite.name));
        command.current_dir(&project.root);
        claims.hand_to(&mut command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let printers = [child.stdout.take().map(print), child.stderr.take().map(print)];
        Ok(Self {
            child,
            claims,
            suites,
            printers: printers.into_iter().flatten().collect(),
            start: Instant::now(),
        })
    }

    /// Waits until the second process has installed its tools.
    pub fn wait_for_tools(&mut self) {
        self.wait_for(0);
    }

    /// Waits until the second process begins a suite, or ends.
    fn wait_for(&mut self, index: usize) {
        while let Some(suite) = self.suites.get(index)
            && !self.claims.is_taken(suite.name)
            && matches!(self.child.try_wait(), Ok(None))
        {
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The last suite that the second process has not begun, which it now leaves to the caller. Waits until that process has
    /// built the package.
    pub fn take(&mut self) -> Result<Option<&'static Suite>> {
        if let Some(package) = self.suites.iter().position(|suite| suite.name == "package") {
            self.wait_for(package + 1);
        }
        while let Some(suite) = self.suites.pop() {
            if self.claims.take(suite.name)? {
                return Ok(Some(suite));
            }
        }
        Ok(None)
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
