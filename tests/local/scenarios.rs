//! Typical processes in Lua, on the aos module.

use serde_json::{Value, json};

use super::support::{AOS, World, body_text, me, tag};

#[test]
fn state_persists_between_messages_and_survives_errors() {
    let mut world = World::new();
    let process = world.run("Name = Name or 'unnamed' Things = Things or { 'first' }");
    world.eval(&process, "table.insert(Things, 'second')");
    assert_eq!(world.eval(&process, "return table.concat(Things, ',')"), "first,second");
    // An evaluation that fails changes no state.
    let failed = world.evaluate(&process, &[("Action", "Eval")], "Things = nil error('no')");
    assert!(failed["Error"].to_string().contains("no"), "{failed}");
    assert_eq!(world.eval(&process, "return #Things"), "2");
    // Printed text is part of the result.
    let printed = world.evaluate(&process, &[("Action", "Eval")], "print('to be seen') return 1");
    assert_eq!(printed["Output"]["data"], "to be seen\n1");
    let printed = world.run("Handlers.add('Say', 'Say', function (msg) print('to be ' .. msg.Data) end)");
    let printed = world.evaluate(&printed, &[("Action", "Say")], "seen");
    assert!(
        printed["Output"]["data"].as_str().unwrap().contains("to be seen"),
        "{printed}"
    );
}

#[test]
fn a_counter_counts_and_a_dryrun_does_not_change_it() {
    let mut world = World::new();
    let process = world.run(
        r#"
        Count = Count or 0
        Handlers.add("Add", "Add", function (msg)
          Count = Count + tonumber(msg.By or 1)
          msg.reply({ Action = "Count", Data = tostring(Count) })
        end)
        Handlers.add("Get", "Get", function (msg) msg.reply({ Data = tostring(Count) }) end)
        "#,
    );
    for by in ["1", "4"] {
        world.evaluate(&process, &[("Action", "Add"), ("By", by)], "");
    }
    let answer = world.evaluate(&process, &[("Action", "Get")], "");
    assert_eq!(answer["Messages"][0]["Data"], "5", "{answer}");
    assert_eq!(answer["Messages"][0]["Target"], me());
    // A dryrun reads the state and does not change it.
    let message = json!({ "Id": "1", "Owner": me(), "Target": process, "Data": "", "Anchor": "0",
                      "Tags": [{ "name": "Action", "value": "Add" }, { "name": "By", "value": "10" }] });
    for _ in 0..2 {
        let request = aoxide::local::Request::post(format!("/cu/dry-run?process-id={process}"), message.to_string());
        let response = world.fetch(request);
        let preview: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(preview["Messages"][0]["Data"], "15", "{preview}");
    }
}

#[test]
fn a_vote_counts_each_voter_once() {
    let mut world = World::new();
    let process = world.run(
        r#"
        Proposals, Votes = {}, {}
        Handlers.add("Propose", "Propose", function (msg)
          table.insert(Proposals, { text = msg.Data, yes = 0, no = 0 })
          Votes[#Proposals] = {}
          msg.reply({ Action = "Proposed", Number = tostring(#Proposals) })
        end)
        Handlers.add("Vote", "Vote", function (msg)
          local number = tonumber(msg.Number)
          local proposal = Proposals[number]
          if not proposal then return msg.reply({ Error = "No such proposal" }) end
          if Votes[number][msg.From] then return msg.reply({ Error = "You have voted" }) end
          Votes[number][msg.From] = true
          local side = msg.Side == "yes" and "yes" or "no"
          proposal[side] = proposal[side] + 1
          msg.reply({ Action = "Counted", Yes = tostring(proposal.yes), No = tostring(proposal.no) })
        end)
        "#,
    );
    let proposed = world.evaluate(&process, &[("Action", "Propose")], "More tests");
    let number = tag(&proposed["Messages"][0], "Number").unwrap().to_owned();
    let vote = [("Action", "Vote"), ("Number", &*number), ("Side", "yes")];
    let counted = world.evaluate(&process, &vote, "");
    assert_eq!(tag(&counted["Messages"][0], "Yes"), Some("1"), "{counted}");
    let again = world.evaluate(&process, &vote, "");
    assert_eq!(tag(&again["Messages"][0], "Error"), Some("You have voted"));
    // Another process has its own vote.
    let voter = world.run("");
    world.eval(
        &voter,
        &format!("Send({{ Target = '{process}', Action = 'Vote', Number = '{number}', Side = 'no' }})"),
    );
    assert_eq!(
        world.eval(&process, "return Proposals[1].yes .. ':' .. Proposals[1].no"),
        "1:1"
    );
}

#[test]
fn a_publication_reaches_every_subscriber_of_its_topic() {
    let mut world = World::new();
    let hub = world.run(
        r#"
        Topics = {}
        Handlers.add("Subscribe", "Subscribe", function (msg)
          Topics[msg.Topic] = Topics[msg.Topic] or {}
          table.insert(Topics[msg.Topic], msg.From)
        end)
        Handlers.add("Publish", "Publish", function (msg)
          for _, who in ipairs(Topics[msg.Topic] or {}) do
            Send({ Target = who, Action = "News", Topic = msg.Topic, Data = msg.Data })
          end
        end)
        "#,
    );
    let subscribers: Vec<String> = (0..5)
        .map(|number| {
            let topic = if number < 4 { "rain" } else { "sun" };
            world.run(&format!(
                r#"
                Received = ""
                Handlers.add("News", "News", function (msg) Received = Received .. msg.Data end)
                Send({{ Target = "{hub}", Action = "Subscribe", Topic = "{topic}" }})
                "#
            ))
        })
        .collect();
    world.send(&hub, &[("Action", "Publish"), ("Topic", "rain")], "wet");
    world.send(&hub, &[("Action", "Publish"), ("Topic", "sun")], "warm");
    let received: Vec<String> = subscribers
        .iter()
        .map(|process| world.eval(process, "return Received"))
        .collect();
    assert_eq!(received, ["wet", "wet", "wet", "wet", "warm"]);
}

#[test]
fn three_processes_form_a_pipeline() {
    let mut world = World::new();
    let stage = |next: &str, work: &str| {
        format!(
            r#"
            Last = "nothing"
            Handlers.add("Work", "Work", function (msg)
              Last = {work}
              local next = "{next}"
              if next ~= "" then Send({{ Target = next, Action = "Work", Data = Last }}) end
            end)
            "#
        )
    };
    let third = world.run(&stage("", "msg.Data .. '!'"));
    let second = world.run(&stage(&third, "msg.Data:upper()"));
    let first = world.run(&stage(&second, "msg.Data:reverse()"));
    let id = world.send(&first, &[("Action", "Work")], "abc");
    assert_eq!(world.eval(&third, "return Last"), "CBA!");
    // Every message of the cascade carries the id of the first one, and the last one the id of its sender.
    let edges = world.schedule(&third);
    let pushed = edges
        .iter()
        .map(|edge| &edge["node"]["message"])
        .find(|sent| tag(sent, "Action") == Some("Work"));
    let pushed = pushed.unwrap();
    assert_eq!(tag(pushed, "Pushed-For"), Some(&*id));
    assert_eq!(tag(pushed, "From-Process"), Some(&*second));
    assert_eq!(tag(pushed, "From-Module"), Some(AOS));
    assert_eq!(tag(pushed, "Data-Protocol"), Some("ao"));
    assert_eq!(tag(pushed, "Type"), Some("Message"));
    assert!(tag(pushed, "Reference").is_some());
    let report = world.json(&format!("/mu/pushed/{id}?process-id={first}"));
    assert_eq!(report["pushed"][0]["target"], second, "{report}");
}

#[test]
fn handler_errors_are_returned_as_json() {
    let mut world = World::new();
    let process = world.run(
        r#"
        local json = require("json")
        Handlers.add("Divide", "Divide", function (msg)
          local fine, answer = pcall(function ()
            local given = json.decode(msg.Data)
            assert(given.by ~= 0, "division by zero")
            return given.number // given.by
          end)
          if fine then msg.reply({ Data = json.encode({ ok = true, answer = answer }) })
          else msg.reply({ Data = json.encode({ ok = false, error = tostring(answer) }) }) end
        end)
        "#,
    );
    let mut divide = |data: &str| -> Value {
        let answer = world.evaluate(&process, &[("Action", "Divide")], data);
        serde_json::from_str(answer["Messages"][0]["Data"].as_str().unwrap()).unwrap()
    };
    assert_eq!(divide(r#"{"number":7,"by":2}"#), json!({ "ok": true, "answer": 3 }));
    assert!(
        divide(r#"{"number":7,"by":0}"#)["error"]
            .as_str()
            .unwrap()
            .contains("division by zero")
    );
    assert_eq!(divide("{")["ok"], false);
}

#[test]
fn roles_decide_which_sender_may_act() {
    let mut world = World::new();
    let guarded = world.run(
        r#"
        Roles = { [Owner] = "admin" }
        Handlers.add("Grant", "Grant", function (msg)
          if Roles[msg.From] ~= "admin" then return msg.reply({ Action = "Refused" }) end
          Roles[msg.Who] = msg.Role
          msg.reply({ Action = "Granted" })
        end)
        "#,
    );
    let stranger = world.run("Handlers.add('Refused', 'Refused', function (msg) Refused = (Refused or 0) + 1 end)");
    let grab = format!("Send({{ Target = '{guarded}', Action = 'Grant', Who = ao.id, Role = 'admin' }})");
    world.eval(&stranger, &grab);
    assert_eq!(world.eval(&stranger, "return tostring(Refused)"), "1");
    let granted = world.evaluate(
        &guarded,
        &[("Action", "Grant"), ("Who", &stranger), ("Role", "admin")],
        "",
    );
    assert_eq!(tag(&granted["Messages"][0], "Action"), Some("Granted"));
    world.eval(&stranger, &grab);
    assert_eq!(world.eval(&stranger, "return tostring(Refused)"), "1");
    // A user who claims to be a process is not trusted.
    let lie = [("Action", "Eval"), ("From-Process", &*guarded)];
    world.evaluate(&guarded, &lie, "Roles = {}");
    assert_eq!(world.eval(&guarded, "return Roles[Owner]"), "admin");
}

#[test]
fn a_repeated_message_is_ignored_and_health_is_reported() {
    let mut world = World::new();
    let process = world.run(
        r#"
        Seen, Done = {}, 0
        Handlers.add("Once", "Once", function (msg)
          if Seen[msg.Key] then return msg.reply({ Action = "Ignored" }) end
          Seen[msg.Key] = true
          Done = Done + 1
          msg.reply({ Action = "Done", Count = tostring(Done) })
        end)
        Handlers.add("Health", "Health", function (msg)
          msg.reply({ Action = "Healthy", Done = tostring(Done), Height = tostring(msg["Block-Height"]) })
        end)
        "#,
    );
    let once = [("Action", "Once"), ("Key", "k")];
    assert_eq!(
        tag(&world.evaluate(&process, &once, "")["Messages"][0], "Action"),
        Some("Done")
    );
    assert_eq!(
        tag(&world.evaluate(&process, &once, "")["Messages"][0], "Action"),
        Some("Ignored")
    );
    let health = world.evaluate(&process, &[("Action", "Health")], "");
    assert_eq!(tag(&health["Messages"][0], "Done"), Some("1"));
    let height: u64 = tag(&health["Messages"][0], "Height").unwrap().parse().unwrap();
    assert!(height > 1_400_000);
}

#[test]
fn a_parent_spawns_a_child_and_sends_it_messages() {
    let mut world = World::new();
    let authority = world.network.address().to_string();
    let parent = world.run(&format!(
        r#"
        Child, Received = "none", "nothing"
        Handlers.add("Answer", "Answer", function (msg) Received = msg.From .. msg.Data end)
        Handlers.add("Spawn-Child", "Spawn-Child", function (msg)
          local spawned = Spawn("{}", {{ Authority = "{authority}", Name = "child" }}).receive()
          Child = spawned.Process
          Send({{ Target = Child, Action = "Eval", Data = "Send({{ Target = Owner, Action = 'Answer', Data = 'hello ' .. Name }})" }})
        end)
        "#,
        AOS
    ));
    let spawned = world.evaluate(&parent, &[("Action", "Spawn-Child")], "");
    assert_eq!(spawned["Spawns"].as_array().unwrap().len(), 1, "{spawned}");
    let child = world.eval(&parent, "return Child");
    assert_ne!(child, "none", "{:?}", world.network.take_events());
    let process = world.json(&format!("/su/processes/{child}"));
    assert_eq!(tag(&process, "From-Process"), Some(&*parent));
    assert_eq!(tag(&process, "Name"), Some("child"));
    let received = world.eval(&parent, "return Received");
    assert_eq!(received, format!("{child}hello child"));
    assert_eq!(world.results(&child).len(), 2);
}

#[test]
fn two_processes_find_each_other_by_id() {
    let mut world = World::new();
    let ball = r#"
        Hits = 0
        Handlers.add("Hit", "Hit", function (msg)
          Hits = Hits + 1
          local left = tonumber(msg.Left)
          if left > 0 then Send({ Target = msg.From, Action = "Hit", Left = tostring(left - 1) }) end
        end)
    "#;
    let (one, other) = (world.run(ball), world.run(ball));
    world.eval(
        &one,
        &format!("Send({{ Target = '{other}', Action = 'Hit', Left = '5' }})"),
    );
    assert_eq!(world.eval(&one, "return Hits"), "3");
    assert_eq!(world.eval(&other, "return Hits"), "3");
}

#[test]
fn patches_publish_state_for_plain_reads() {
    let mut world = World::new();
    let process = world.run("");
    let at = format!("/{process}~process@1.0/now");
    assert_eq!(world.get(&format!("{at}/cache/balances")).status, 404);
    world.eval(
        &process,
        "Send({ device = 'patch@1.0', cache = { balances = { a = 5, b = 7 }, name = 'Tea' } })",
    );
    world.eval(
        &process,
        "Send({ device = 'patch@1.0', cache = { balances = { b = 8 } } })",
    );
    let balances = json!({ "a": 5, "b": 8 });
    assert_eq!(world.json(&format!("{at}/cache/balances"))["body"], balances);
    assert_eq!(world.json(&format!("{at}/cache/balances/serialize~json@1.0")), balances);
    assert_eq!(body_text(&world.get(&format!("{at}/cache/balances/b"))), "8");
    assert_eq!(body_text(&world.get(&format!("/{process}/now/cache/name"))), "Tea");
    assert_eq!(world.json(&format!("{at}/cache/name/~json@1.0/serialize")), "Tea");
    assert_eq!(world.get(&format!("{at}/cache/nothing")).status, 404);
    // A patch has no receiver, so no failed delivery is reported.
    assert!(
        world
            .network
            .take_events()
            .iter()
            .all(|event| event.what != "not delivered")
    );
}
