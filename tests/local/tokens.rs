//! Token processes in Lua, on the aos module.

use serde_json::json;

use super::support::{World, tag};

const TOKEN: &str = r#"
    Balances = Balances or { [Owner] = 100 }
    local function amount(text)
      local number = math.tointeger(tonumber(text))
      assert(number and number > 0, "Quantity must be a whole number above zero")
      return number
    end
    local function move(from, to, quantity)
      if (Balances[from] or 0) < quantity then return false end
      Balances[from] = Balances[from] - quantity
      Balances[to] = (Balances[to] or 0) + quantity
      return true
    end
    Handlers.add("Balance", "Balance", function (msg)
      msg.reply({ Data = tostring(Balances[msg.Recipient or msg.From] or 0) })
    end)
    Handlers.add("Transfer", "Transfer", function (msg)
      local quantity = amount(msg.Quantity)
      if not move(msg.From, msg.Recipient, quantity) then
        return msg.reply({ Action = "Transfer-Error", Error = "Insufficient Balance!" })
      end
      Send({ Target = msg.From, Action = "Debit-Notice", Recipient = msg.Recipient, Quantity = msg.Quantity })
      Send({ Target = msg.Recipient, Action = "Credit-Notice", Sender = msg.From, Quantity = msg.Quantity })
    end)
    Handlers.add("Batch", "Batch", function (msg)
      local json = require("json")
      local lines, total = json.decode(msg.Data), 0
      for _, line in ipairs(lines) do total = total + amount(line.quantity) end
      if (Balances[msg.From] or 0) < total then
        return msg.reply({ Action = "Batch-Error", Error = "Insufficient Balance!" })
      end
      for _, line in ipairs(lines) do
        move(msg.From, line.recipient, amount(line.quantity))
        Send({ Target = line.recipient, Action = "Credit-Notice", Quantity = tostring(line.quantity) })
      end
      msg.reply({ Action = "Batch-Done", Total = tostring(total) })
    end)
"#;

#[test]
fn a_token_transfer_moves_the_amount_or_is_refused() {
    let mut world = World::new();
    let token = world.run(TOKEN);
    let wallet = world.run(
        "Credits = {} Handlers.add('Credit', 'Credit-Notice', function (msg) table.insert(Credits, msg.From .. msg.Quantity) end)",
    );
    let transfer = |quantity| [("Action", "Transfer"), ("Recipient", &*wallet), ("Quantity", quantity)];
    let done = world.evaluate(&token, &transfer("30"), "");
    let actions: Vec<_> = done["Messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sent| tag(sent, "Action").unwrap())
        .collect();
    assert_eq!(actions, ["Debit-Notice", "Credit-Notice"], "{done}");
    // The receiver got the notice from the token.
    assert_eq!(world.eval(&wallet, "return Credits[1]"), format!("{token}30"));
    let refused = world.evaluate(&token, &transfer("71"), "");
    assert_eq!(tag(&refused["Messages"][0], "Action"), Some("Transfer-Error"));
    assert_eq!(tag(&refused["Messages"][0], "Error"), Some("Insufficient Balance!"));
    let balance = world.evaluate(&token, &[("Action", "Balance")], "");
    assert_eq!(balance["Messages"][0]["Data"], "70");
    assert_eq!(world.eval(&wallet, "return #Credits"), "1");
}

#[test]
fn a_batch_of_transfers_is_all_or_nothing() {
    let mut world = World::new();
    let token = world.run(TOKEN);
    let lines = json!([{ "recipient": "a", "quantity": 10 }, { "recipient": "b", "quantity": 20 }]).to_string();
    let done = world.evaluate(&token, &[("Action", "Batch")], &lines);
    assert_eq!(done["Messages"].as_array().unwrap().len(), 3, "{done}");
    assert_eq!(tag(&done["Messages"][2], "Total"), Some("30"));
    let lines = json!([{ "recipient": "a", "quantity": 1 }, { "recipient": "b", "quantity": 70 }]).to_string();
    let refused = world.evaluate(&token, &[("Action", "Batch")], &lines);
    assert_eq!(tag(&refused["Messages"][0], "Action"), Some("Batch-Error"));
    assert_eq!(
        world.eval(
            &token,
            "return Balances.a .. ',' .. Balances.b .. ',' .. Balances[Owner]"
        ),
        "10,20,70"
    );
    // The receivers of the notices are neither processes nor wallets. Events report the failed deliveries.
    let results = world.results(&token).len();
    assert!(results >= 5);
    assert!(
        world
            .network
            .take_events()
            .iter()
            .any(|event| event.what == "not delivered")
    );
}
