//! The process: its state, and its answers.

use std::collections::BTreeMap;

use aoxide_process::{Message, Outbox, Outgoing, Process, ProcessInfo, Tag};

/// The state of the process. Quantities are whole numbers of the token's smallest unit.
#[derive(Default)]
pub struct Token {
    balances: BTreeMap<String, u128>,
}

impl Process for Token {
    fn handle(&mut self, message: &Message, process: &ProcessInfo, outbox: &mut Outbox) -> Result<(), String> {
        if message.is_process() {
            let supply = quantity(process.tag("Supply").unwrap_or("0"))?;
            self.balances.insert(process.owner.clone(), supply);
            outbox.output(format!("{} has {supply}", process.owner));
            return Ok(());
        }
        match message.action() {
            Some("Info") => {
                let reply = reply(message, outbox, String::new());
                for name in ["Name", "Ticker", "Denomination"] {
                    reply.tag(name, described(process, name));
                }
                Ok(())
            }
            Some("Balance") => {
                self.balance(message, process, outbox);
                Ok(())
            }
            Some("Balances") => {
                let balances = self.balances.iter().map(|(account, held)| (account, held.to_string()));
                let json = serde_json::to_string(&balances.collect::<BTreeMap<_, _>>());
                reply(message, outbox, json.map_err(|error| error.to_string())?);
                Ok(())
            }
            Some("Transfer") => self.transfer(message, outbox),
            Some(action) => Err(format!(
                "There is no action \"{action}\". Use Info, Balance, Balances or Transfer"
            )),
            None => Err("The message has no tag \"Action\". Add one".into()),
        }
    }
}

impl Token {
    fn balance(&self, message: &Message, process: &ProcessInfo, outbox: &mut Outbox) {
        let account = ["Recipient", "Target"]
            .into_iter()
            .find_map(|name| message.tag(name))
            .unwrap_or(&message.from);
        let held = self.held_by(account).to_string();
        reply(message, outbox, held.clone())
            .tag("Balance", held)
            .tag("Ticker", described(process, "Ticker"))
            .tag("Account", account);
    }

    fn transfer(&mut self, message: &Message, outbox: &mut Outbox) -> Result<(), String> {
        let wanted = |name| message.tag(name).ok_or(format!("A transfer needs the tag \"{name}\""));
        let recipient = wanted("Recipient")?;
        let amount = quantity(wanted("Quantity")?)?;
        if amount == 0 {
            return Err("The tag \"Quantity\" must be 1 or more".into());
        }
        // A standard token answers with a message here, not with an error of the evaluation.
        let Some(left) = self.held_by(&message.from).checked_sub(amount) else {
            let problem = "Insufficient Balance!";
            outbox.output(problem);
            let answer = outbox.reply(message, "Transfer-Error");
            answer
                .tag("Message-Id", &message.id)
                .tag("Error", problem)
                .data(problem);
            return Ok(());
        };
        self.balances.insert(message.from.clone(), left);
        let credited = self
            .held_by(recipient)
            .checked_add(amount)
            .ok_or("The recipient's balance would be too large")?;
        self.balances.insert(recipient.into(), credited);

        let sent = format!("{amount} sent to {recipient}");
        outbox.output(&sent);
        let debit = outbox.reply(message, "Debit-Notice");
        debit.tag("Recipient", recipient).data(sent);
        notice(debit, message, amount);
        let credit = outbox.send(recipient, "Credit-Notice");
        credit.tag("Sender", &message.from);
        credit.data(format!("{amount} received from {}", message.from));
        notice(credit, message, amount);
        Ok(())
    }

    fn held_by(&self, account: &str) -> u128 {
        self.balances.get(account).copied().unwrap_or(0)
    }
}

/// A message to the sender, with the action of its message. Its data is also the output.
fn reply<'a>(message: &Message, outbox: &'a mut Outbox, data: String) -> &'a mut Outgoing {
    outbox.output(&data);
    outbox.reply(message, message.action().unwrap_or_default()).data(data)
}

/// Adds what both notices of a transfer have. Tags that begin with X- belong to the application, and travel with them.
fn notice(notice: &mut Outgoing, message: &Message, amount: u128) {
    notice.tag("Quantity", amount.to_string());
    let forwarded = message.tags.iter().filter(|tag| tag.name.starts_with("X-"));
    notice.tags.extend(forwarded.cloned().collect::<Vec<Tag>>());
}

/// A tag of the process, or what a token without this tag says about itself.
fn described<'a>(process: &'a ProcessInfo, name: &str) -> &'a str {
    process.tag(name).unwrap_or(match name {
        "Denomination" => "0",
        "Ticker" => "TOKEN",
        _ => "Token",
    })
}

fn quantity(text: &str) -> Result<u128, String> {
    // `parse` would take a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| digits);
    parsed.ok_or_else(|| format!("\"{text}\" is not a quantity. Use a whole number of the smallest unit"))
}

#[cfg(test)]
mod tests;
