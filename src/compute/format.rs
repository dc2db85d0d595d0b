//! Module formats: what a module is called on the network, and what that says about its host.

use super::binary::{Binary, FuncType, ValueType};
use super::memory::WASM_PAGE;
use crate::error::{Error, ErrorKind, Result};

/// The formats that the network's compute units run, and two that need no emscripten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `wasm32-unknown-emscripten`: imports and exports have names of one letter.
    Emscripten,
    /// `wasm32-unknown-emscripten2`.
    Emscripten2,
    /// `wasm32-unknown-emscripten3`.
    Emscripten3,
    /// `wasm32-unknown-emscripten4`.
    Emscripten4,
    /// `wasm32-unknown-emscripten-metering`.
    EmscriptenMetering,
    /// `wasm64-unknown-emscripten-draft_2024_02_15`.
    Wasm64,
    /// `wasm64-unknown-emscripten-draft_2024_10_16-metering`.
    Wasm64Metering,
    /// A command of WASI preview 1 that exports `handle` beside `_start`, as HyperBEAM's own modules do.
    Wasi,
    /// A module that wants nothing but memory for its messages: `handle`, `malloc`, `free`. What Rust builds for
    /// `wasm32-unknown-unknown`.
    Plain,
}

impl Format {
    /// Every format that has a name on the network.
    pub const NAMED: [Self; 7] = [
        Self::Emscripten,
        Self::Emscripten2,
        Self::Emscripten3,
        Self::Emscripten4,
        Self::EmscriptenMetering,
        Self::Wasm64,
        Self::Wasm64Metering,
    ];

    /// The value of the tag `Module-Format`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emscripten => "wasm32-unknown-emscripten",
            Self::Emscripten2 => "wasm32-unknown-emscripten2",
            Self::Emscripten3 => "wasm32-unknown-emscripten3",
            Self::Emscripten4 => "wasm32-unknown-emscripten4",
            Self::EmscriptenMetering => "wasm32-unknown-emscripten-metering",
            Self::Wasm64 => "wasm64-unknown-emscripten-draft_2024_02_15",
            Self::Wasm64Metering => "wasm64-unknown-emscripten-draft_2024_10_16-metering",
            Self::Wasi => "wasi_snapshot_preview1",
            Self::Plain => "wasm-unknown-unknown",
        }
    }

    /// # Errors
    /// `Unsupported` for a name that no compute unit knows either.
    pub fn from_name(name: &str) -> Result<Self> {
        let mut formats = Self::NAMED.into_iter();
        formats.find(|format| format.name() == name).ok_or_else(|| {
            let known = Self::NAMED.map(Self::name).join(", ");
            Error::new(
                ErrorKind::Unsupported,
                format!("No module has the format \"{name}\"; the network runs {known}"),
            )
        })
    }

    /// What the bytes look like. Formats 2 and 3 differ only in how far the heap may grow.
    fn detect(binary: &Binary, memory64: bool) -> Self {
        let from = |module: &str| binary.imports.iter().any(|import| import.module == module);
        if from("a") {
            Self::Emscripten
        } else if binary.exports("__wasm_call_ctors") {
            match (memory64, binary.exports("stackRestore")) {
                (true, _) => Self::Wasm64,
                (false, false) => Self::Emscripten4,
                (false, true) if maximum(binary) <= HEAP_MAX_2 => Self::Emscripten2,
                (false, true) => Self::Emscripten3,
            }
        } else if binary.exports("_start") {
            Self::Wasi
        } else {
            Self::Plain
        }
    }

    /// Whether `main` runs when an instance is made, rather than at the first message.
    fn runs_main(self) -> bool {
        matches!(self, Self::Emscripten | Self::Emscripten2 | Self::Emscripten3)
    }

    /// Whether whoever runs the module has it pay for its instructions.
    fn is_metered(self) -> bool {
        matches!(self, Self::EmscriptenMetering | Self::Wasm64Metering)
    }

    /// How far the format's loader lets the heap grow, in bytes.
    fn heap_max(self) -> u64 {
        match self {
            Self::Emscripten2 => HEAP_MAX_2,
            Self::Wasm64 | Self::Wasm64Metering => 17_179_869_184,
            _ => 4_294_901_760,
        }
    }
}

const HEAP_MAX_2: u64 = 524_288_000;

/// What a module must export in the format of one letter. (The names are fixed by the network's loader.)
const LETTERS: [(&str, &str); 11] = [
    ("memory", "E"),
    ("__wasm_call_ctors", "F"),
    ("handle", "G"),
    ("main", "H"),
    ("__indirect_function_table", "I"),
    ("malloc", "J"),
    ("__errno_location", "K"),
    ("setThrew", "L"),
    ("stackSave", "M"),
    ("stackRestore", "N"),
    ("stackAlloc", "O"),
];

/// How to drive one module.
#[derive(Debug, Clone)]
pub struct Layout {
    pub format: Format,
    /// Whether pointers have 64 bits.
    pub memory64: bool,
    /// Whether gas is counted: by the module itself, or by whoever runs it.
    pub metered: bool,
    /// How long its memory is at first, in bytes.
    pub initial: u64,
    /// How far the heap may grow, in bytes.
    pub heap_max: u64,
    exports: Vec<String>,
}

impl Layout {
    /// # Errors
    /// `BadModule` when it is no AO module, `Unsupported` when its format is unknown or is not what the tag says.
    pub fn of(binary: &Binary, tag: Option<&str>) -> Result<Self> {
        let memory = binary.memory.ok_or_else(|| lacks("memory of its own"))?;
        let format = match tag {
            Some(name) => Format::from_name(name)?,
            None => Format::detect(binary, memory.memory64),
        };
        let says_wide = matches!(format, Format::Wasm64 | Format::Wasm64Metering);
        if says_wide != memory.memory64 && Format::NAMED.contains(&format) {
            let bits = if memory.memory64 { 64 } else { 32 };
            return Err(Error::new(
                ErrorKind::BadModule,
                format!(
                    "The module's format is said to be \"{}\", but its addresses have {bits} bits",
                    format.name()
                ),
            ));
        }
        let layout = Self {
            format,
            memory64: memory.memory64,
            metered: format.is_metered() || binary.imports.iter().any(|import| import.name == "usegas"),
            initial: memory.initial.saturating_mul(WASM_PAGE),
            heap_max: format.heap_max().min(maximum(binary)),
            exports: binary.exports.clone(),
        };
        if !layout.has("memory") {
            return Err(lacks("exported memory"));
        }
        layout.check_handle(binary)?;
        if layout.stack().is_none() && !layout.has("malloc") {
            return Err(lacks("way to hand it a message: neither stackAlloc nor malloc"));
        }
        Ok(layout)
    }

    fn check_handle(&self, binary: &Binary) -> Result<()> {
        let pointer = if self.memory64 { ValueType::I64 } else { ValueType::I32 };
        let wanted = FuncType {
            parameters: vec![pointer; 2],
            results: vec![pointer],
        };
        match binary.function(self.export("handle")) {
            None => Err(lacks("function \"handle\"")),
            Some(found) if found.func_type == wanted => Ok(()),
            Some(found) => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "The module's handle takes {} arguments and returns {}; it must take (message, environment) and \
                     return one pointer",
                    found.func_type.parameters.len(),
                    found.func_type.results.len()
                ),
            )),
        }
    }

    /// What the module calls an export.
    pub fn export<'a>(&self, name: &'a str) -> &'a str {
        if self.format != Format::Emscripten {
            return name;
        }
        let mut letters = LETTERS.into_iter();
        letters
            .find(|(long, _)| *long == name)
            .map_or(name, |(_, letter)| letter)
    }

    pub fn has(&self, name: &str) -> bool {
        let name = self.export(name);
        self.exports.iter().any(|export| export == name)
    }

    /// The functions that save the C stack's pointer, restore it, and take from it.
    pub fn stack(&self) -> Option<[&'static str; 3]> {
        let newer = [
            "emscripten_stack_get_current",
            "_emscripten_stack_restore",
            "_emscripten_stack_alloc",
        ];
        let older = ["stackSave", "stackRestore", "stackAlloc"];
        [newer, older]
            .into_iter()
            .find(|names| names.iter().all(|name| self.has(name)))
    }

    /// Whether it tells where its C stack lies.
    pub fn knows_stack(&self) -> bool {
        self.has("emscripten_stack_get_base") && self.has("emscripten_stack_get_end")
    }

    /// The functions to call on a fresh instance, in order; `true` for those that take `(argc, argv)`.
    pub fn startup(&self) -> Vec<(&'static str, bool)> {
        let mut calls = vec![("emscripten_stack_init", false), ("__wasm_call_ctors", false)];
        if !self.has("__wasm_call_ctors") {
            calls.push(("_start", false));
        }
        if self.format.runs_main() {
            calls.push(("main", true));
        }
        calls.retain(|(name, _)| self.has(name));
        calls
    }
}

fn maximum(binary: &Binary) -> u64 {
    let pages = binary.memory.and_then(|memory| memory.maximum);
    pages.map_or(u64::MAX, |pages| pages.saturating_mul(WASM_PAGE))
}

fn lacks(what: &str) -> Error {
    Error::new(
        ErrorKind::BadModule,
        format!("These bytes are not an AO module: it has no {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_formats() {
        for format in Format::NAMED {
            assert_eq!(Format::from_name(format.name()).unwrap(), format);
        }
        let error = Format::from_name("wasm128").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
