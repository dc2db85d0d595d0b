//! Module formats: the values of the tag `Module-Format`, and what each means for the host.

use super::binary::{Binary, FuncType, ValueType};
use super::memory::WASM_PAGE;
use crate::error::{Error, ErrorKind, Result};

/// A module format: those that the network's compute units run, and two for modules that are not built with emscripten.
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
    /// A module that exports `handle`, `malloc` and `free` and needs nothing else, such as Rust's target
    /// `wasm32-unknown-unknown`.
    Plain,
}

impl Format {
    /// The formats that have a name on the network.
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

    /// The format with this name.
    ///
    /// # Errors
    /// `Unsupported` for any other name.
    pub fn from_name(name: &str) -> Result<Self> {
        let mut formats = Self::NAMED.into_iter();
        formats.find(|format| format.name() == name).ok_or_else(|| {
            let known = Self::NAMED.map(Self::name).join(", ");
            Error::new(
                ErrorKind::Unsupported,
                format!("The module format \"{name}\" does not exist. Give one of {known}"),
            )
        })
    }

    /// Detects the format from the module's imports and exports. Formats 2 and 3 differ only in how far the heap may
    /// grow.
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

    /// Whether `main` runs when an instance is created, rather than at the first message.
    fn runs_main(self) -> bool {
        matches!(self, Self::Emscripten | Self::Emscripten2 | Self::Emscripten3)
    }

    /// Whether the host has to meter the module's instructions.
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

/// The exports of the format with names of one letter. The network's loader fixes these names.
const EXPORT_LETTERS: [(&str, &str); 11] = [
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

/// How to start and call one module.
#[derive(Debug, Clone)]
pub struct Layout {
    pub format: Format,
    /// Whether pointers have 64 bits.
    pub memory64: bool,
    /// Whether gas is counted, by the module or by the host.
    pub metered: bool,
    /// Bytes of memory at the start.
    pub initial: u64,
    /// Bytes up to which the heap may grow.
    pub heap_max: u64,
    exports: Vec<String>,
}

impl Layout {
    /// Checks that the module is an AO module. `tag` is the value of its tag `Module-Format`, where it is known.
    ///
    /// # Errors
    /// `BadModule` for a module that lacks a required export or whose pointers do not have the width of the tag's
    /// format. `Unsupported` for an unknown format, and for a `handle` of another type.
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
                    "The module's tag says format \"{}\", but its addresses have {bits} bits. Correct the tag",
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
            return Err(lacks("stackAlloc or malloc, of which it needs one for its messages"));
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
                    "The module's handle takes {} arguments and returns {} values. It must take two pointers, (message, \
                     environment), and return one",
                    found.func_type.parameters.len(),
                    found.func_type.results.len()
                ),
            )),
        }
    }

    /// The name that the module uses for an export.
    pub fn export<'a>(&self, name: &'a str) -> &'a str {
        if self.format != Format::Emscripten {
            return name;
        }
        let mut letters = EXPORT_LETTERS.into_iter();
        letters
            .find(|(long, _)| *long == name)
            .map_or(name, |(_, letter)| letter)
    }

    /// Whether the module has an export.
    pub fn has(&self, name: &str) -> bool {
        let name = self.export(name);
        self.exports.iter().any(|export| export == name)
    }

    /// The functions that return the C stack's pointer, set it, and allocate on the stack.
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

    /// Whether the module exports the functions that return where its C stack lies.
    pub fn knows_stack(&self) -> bool {
        self.has("emscripten_stack_get_base") && self.has("emscripten_stack_get_end")
    }

    /// The functions to call on a new instance, in order. `true` for those that take `(argc, argv)`.
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
        format!("These bytes are not an AO module: they have no {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_name_finds_every_named_format_and_no_other() {
        for format in Format::NAMED {
            assert_eq!(Format::from_name(format.name()).unwrap(), format);
        }
        let error = Format::from_name("wasm128").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
