//! Answers from the state of a light client.

use serde_json::{Map, Value};

use super::options::ScheduleSource;
use super::{LightClient, Phase, Preview, Watch, node};
use crate::client::UnitRead;
use crate::error::{Error, ErrorKind, Result};
use crate::join::join;
use crate::platform::{Clock, Download, Http, Storage, Timers};
use crate::protocol::{Dryrun, TextTag};
use crate::verify::{Agreement, Outcome, Proof, SlotResult, UnitAnswer, require_agreement};

/// Tag of a dryrun whose result is compared: the assignment after which it is evaluated.
const AT_ASSIGNMENT: &str = "At-Assignment";

impl<H: Http + Clock + Timers, D: Download, S: Storage> LightClient<H, D, S> {
    /// The value that the process has published at a path with `patch@1.0`. See [`Published::read`](crate::verify::Published::read).
    ///
    /// # Errors
    /// `NotFound`, `Unsupported`; those of [`View::proof`](crate::verify::View::proof).
    pub fn read(&self, path: &str) -> Result<(Value, Proof)> {
        Ok((self.view.published(path)?, self.proof()?))
    }

    /// What the current state rests on. The unit is not asked.
    ///
    /// # Errors
    /// Those of [`View::proof`](crate::verify::View::proof).
    pub fn proof(&self) -> Result<Proof> {
        self.view.proof(self.source.client.platform().now(), self.options.age)
    }

    /// Compares a result with the unit's.
    pub(super) async fn proof_with_unit(&self, result: &SlotResult) -> Result<Proof> {
        let mut proof = self.proof()?;
        let (Some(slot), Some(message)) = (result.slot, &result.message) else {
            return Ok(proof);
        };
        let asked = self.unit_result(slot, message, result).await;
        match asked {
            Ok(answer) => {
                let agreement = require_agreement(slot, &result.result, result.outcome, &answer)?;
                self.agreed(&mut proof, agreement);
            }
            Err(error) => no_answer(&mut proof, error)?,
        }
        Ok(proof)
    }

    /// What the unit answers for a message: the compute unit, or the node.
    async fn unit_result(&self, slot: u64, message: &str, result: &SlotResult) -> Result<String> {
        let client = &self.source.client;
        let process = self.options.process;
        if let ScheduleSource::Node(address) = &self.source.schedule {
            return node::result(client.platform(), address, process, slot).await;
        }
        let process = process.to_string();
        let assignment = result.assignment.as_deref().unwrap_or(message);
        // Units know the result of an assigned message by its assignment. Asked for the id of the message, a scheduler unit with
        // PostgreSQL names the assignment to any process, and a compute unit then returns the result of that one.
        let (first, second) = match result.assigned {
            true => (assignment, message),
            false => (message, assignment),
        };
        let mut asked = client.result(&process, first).await;
        if asked.is_err() && first != second {
            asked = client.result(&process, second).await;
        }
        asked.map(|answer| answer.as_str().to_owned())
    }

    fn agreed(&self, proof: &mut Proof, agreement: Agreement) {
        proof.unit = UnitAnswer::Agrees;
        proof.other_order = agreement == Agreement::OtherOrder;
    }

    /// The result of a message, by its slot, its id or that of its assignment, with the proof of the view. `asks` is whether
    /// the unit is asked for the same result.
    ///
    /// # Errors
    /// `NotFound` where the view has not evaluated it, or not recently. `Mismatch`; those of [`proof`](Self::proof).
    pub async fn result(&self, message: &str, asks: bool) -> Result<(SlotResult, Proof)> {
        let found = match message.parse::<u64>() {
            Ok(slot) => self.results.in_slot(slot),
            Err(_) => self.results.of(message),
        };
        let result = found.cloned().ok_or_else(|| {
            let message = format!(
                "The view has no result of {message}. It has those of the newest messages that it evaluated itself: start from \
                 slot 0 and take them as they are computed"
            );
            Error::new(ErrorKind::NotFound, message)
        })?;
        let proof = match asks && self.options.has_unit {
            true => self.proof_with_unit(&result).await?,
            false => self.proof()?,
        };
        Ok((result, proof))
    }

    /// Evaluates a message without effects. `asks` is whether the compute unit is asked the same, to compare. A node is not: it
    /// makes another message of a dryrun.
    ///
    /// # Errors
    /// Those of [`View::dryrun`](crate::verify::View::dryrun) and [`proof`](Self::proof); `Mismatch`.
    pub async fn dryrun(&mut self, message: &Dryrun, asks: bool) -> Result<Preview> {
        let result = self.view.dryrun(fields_of(message)?)?;
        self.preview(message, result, asks).await
    }

    /// As [`dryrun`](Self::dryrun), after what is new in the schedule. The message is evaluated while the scheduler is asked, and
    /// again only where something is new.
    ///
    /// # Errors
    /// Those of [`advance`](Self::advance) and [`dryrun`](Self::dryrun).
    pub async fn dryrun_newest(&mut self, message: &Dryrun, asks: bool, watch: &impl Watch) -> Result<Preview> {
        let fields = fields_of(message)?;
        self.tell(watch, Phase::Schedule, 0);
        let page = self.next_page();
        let early = async { self.slot().map(|_| self.view.dryrun(fields.clone())) };
        let (page, early) = join(page, early).await;
        let page = page?;
        let result = match early.filter(|_| page.entries.is_empty()) {
            Some(early) => early?,
            None => {
                let outcome = self.take_pages(page, None, watch).await;
                self.kept_after(outcome).await?;
                self.view.dryrun(fields)?
            }
        };
        self.preview(message, result, asks).await
    }

    /// The answer to a dryrun that was evaluated at the current slot.
    async fn preview(&mut self, message: &Dryrun, result: String, asks: bool) -> Result<Preview> {
        let mut proof = self.proof()?;
        if asks && self.options.has_unit && self.source.schedule == ScheduleSource::Unit {
            self.compare_dryrun(message, &mut proof).await?;
        }
        Ok(Preview { result, proof })
    }

    /// Asks the compute unit for the result of a dryrun at the slot of the proof. A unit can be further on than the view, or
    /// behind it, and it keeps an answer for a minute by the body of the request alone. So the request names the assignment, and
    /// the message has a tag that makes its body one of this slot.
    async fn compare_dryrun(&mut self, message: &Dryrun, proof: &mut Proof) -> Result<()> {
        let assignment = proof.assignment.to_string();
        let mut pinned = message.clone();
        pinned.tags.push(TextTag {
            name: AT_ASSIGNMENT.into(),
            value: assignment.clone(),
        });
        let result = self.view.dryrun(fields_of(&pinned)?)?;
        match self
            .source
            .client
            .read(UnitRead::dryrun(&pinned)?.after(&assignment))
            .await
        {
            Ok(answer) => {
                let agreement = require_agreement(proof.slot, &result, Outcome::Evaluated, answer.as_str())?;
                self.agreed(proof, agreement);
                Ok(())
            }
            Err(error) => no_answer(proof, error),
        }
    }
}

/// The body of a request for a dryrun.
fn fields_of(message: &Dryrun) -> Result<Map<String, Value>> {
    serde_json::from_str(&message.to_json())
        .map_err(|error| Error::new(ErrorKind::BadArgument, format!("The message cannot be read: {error}")))
}

/// A unit that refuses or cannot be reached takes nothing from what was computed.
fn no_answer(proof: &mut Proof, error: Error) -> Result<()> {
    match error.kind() {
        ErrorKind::HttpNetwork | ErrorKind::HttpStatus | ErrorKind::BadResponse => {
            proof.unit = UnitAnswer::NoAnswer;
            Ok(())
        }
        _ => Err(error),
    }
}
