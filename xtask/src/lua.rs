//! Builds the Lua module: a process module from the sources of Lua, the C files of `lua/src` and the libraries of `lua/`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::build_cache::{Stamp, create_folder, files_under};
use crate::project::Project;
use crate::run::{Problem, Result, output, run, step, up_to_date};
use crate::tools::{node, zig};

/// The version of Lua, and its files without the libraries that need a system.
const LUA: &str = "lua-5.3.6";
const FILES: &[&str] = &[
    "lapi", "lauxlib", "lbaselib", "lbitlib", "lcode", "lcorolib", "lctype", "ldblib", "ldebug", "ldo", "ldump",
    "lfunc", "lgc", "llex", "lmathlib", "lmem", "loadlib", "lobject", "lopcodes", "lparser", "lstate", "lstring",
    "lstrlib", "ltablib", "ltm", "lundump", "lutf8lib", "lvm", "lzio",
];

const COMPILER_FLAGS: &[&str] = &[
    "cc",
    "-target",
    "wasm32-wasi",
    "-mcpu=generic",
    // Engines compile a function when it is first called: smaller code starts sooner, and runs nearly as fast.
    "-Os",
    "-std=gnu11",
    "-fno-sanitize=undefined",
    "-ffunction-sections",
    "-fdata-sections",
    // Of Lua's own files.
    "-Wno-string-plus-int",
    // The compiler assembles `stack.s` too, where the options of C mean nothing.
    "-Wno-unused-command-line-argument",
    // The functions that older versions of Lua have, as in Lua's own makefile.
    "-DLUA_COMPAT_5_2",
    "-mexec-model=reactor",
    "-Wl,--no-entry",
    "-Wl,--export=__wasm_call_ctors",
    // Hosts call functions by their number in the table.
    "-Wl,--export-table",
    "-Wl,--gc-sections",
    "-Wl,--strip-all",
    // The stack comes first: a program that overflows it leaves the memory, and the host stops it.
    "-Wl,-z,stack-size=262144",
    // As the modules of aos.
    "-Wl,--max-memory=536870912",
];

const OPTIMISER_FLAGS: &[&str] = &[
    "-O3",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--low-memory-unused",
    "--strip-producers",
    "--strip-target-features",
];

/// Where the module is built.
pub fn module(project: &Project) -> PathBuf {
    project.path("target/lua/process.wasm")
}

pub fn build(project: &Project) -> Result {
    node::ensure(project)?;
    let module = module(project);
    let folder = project.path("target/lua");
    let words = [&[zig::VERSION, LUA], COMPILER_FLAGS, OPTIMISER_FLAGS].concat();
    let inputs = [project.path("lua"), project.path("package-lock.json")];
    let stamp = Stamp::new(folder.join("process.stamp"), &inputs, &words)?;
    if stamp.is_current(std::slice::from_ref(&module)) {
        up_to_date("the Lua module");
        return Ok(());
    }
    let zig = zig::ensure(project)?;
    step("the Lua module", || {
        create_folder(&folder)?;
        let libraries = folder.join("libraries.c");
        fs::write(&libraries, embedded(&project.path("lua"))?)
            .map_err(|error| Problem::file("write", &libraries, error))?;
        let compiled = folder.join("compiled.wasm");
        compile(project, &zig, &libraries, &compiled)?;
        run(project
            .npm_bin("wasm-opt")
            .args(OPTIMISER_FLAGS)
            .arg(&compiled)
            .arg("-o")
            .arg(&module))
    })?;
    stamp.save()
}

fn compile(project: &Project, zig: &Path, libraries: &Path, compiled: &Path) -> Result {
    let shim = project.path("lua/src");
    let lua = sources(project)?;
    let own = files_under(&shim)?.into_iter();
    let own = own.filter(|file| file.extension().is_some_and(|kind| kind == "c" || kind == "s"));
    let cache = project.path("target/tools/zig-cache");
    run(project
        .command(zig)
        .args(COMPILER_FLAGS)
        .arg("-I")
        .arg(&shim)
        .arg("-I")
        .arg(&lua)
        .arg("-include")
        .arg(shim.join("prelude.h"))
        .args(own)
        .arg(libraries)
        .args(FILES.iter().map(|name| lua.join(format!("{name}.c"))))
        .arg("-o")
        .arg(compiled)
        .env("ZIG_GLOBAL_CACHE_DIR", &cache)
        .env("ZIG_LOCAL_CACHE_DIR", &cache))
}

/// The folder with the sources of Lua, where cargo keeps the crate that has them.
fn sources(project: &Project) -> Result<PathBuf> {
    let metadata = output(
        project
            .cargo("metadata")
            .args(["--format-version", "1", "--locked", "--manifest-path"])
            .arg(project.path("lua/interpreter/Cargo.toml")),
    )?;
    let folder = manifests(&metadata).find(|folder| folder.join(LUA).is_dir());
    folder
        .map(|folder| folder.join(LUA))
        .ok_or_else(|| Problem::new(format!("the crate lua-src has no folder {LUA}")))
}

/// The folders of the packages in cargo's metadata.
fn manifests(metadata: &str) -> impl Iterator<Item = PathBuf> {
    let paths = metadata.split("\"manifest_path\":\"").skip(1);
    paths.filter_map(|rest| {
        let path = rest.split('"').next()?.replace("\\\\", "\\");
        Path::new(&path).parent().map(Path::to_owned)
    })
}

/// A C file with the libraries of this folder as bytes.
fn embedded(folder: &Path) -> Result<String> {
    let mut text = "#include \"shim.h\"\n".to_owned();
    let mut table = String::new();
    let files = files_under(folder)?.into_iter();
    let is_library =
        |file: &PathBuf| file.parent() == Some(folder) && file.extension().is_some_and(|kind| kind == "lua");
    for (number, file) in files.filter(is_library).enumerate() {
        let source = fs::read_to_string(&file).map_err(|error| Problem::file("read", &file, error))?;
        let source = shortened(&source);
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let _ = write!(text, "static const char library_{number}[] = {{");
        for byte in source.bytes() {
            let _ = write!(text, "{byte},");
        }
        text.push_str("0};\n");
        let _ = writeln!(table, "    {{\"{name}\", library_{number}, {}}},", source.len());
    }
    let _ = write!(
        text,
        "const Library aoxide_libraries[] = {{\n{table}    {{0, 0, 0}}}};\n"
    );
    Ok(text)
}

/// Without comments that have a line of their own, and without indentation. Errors still name the right line.
fn shortened(source: &str) -> String {
    if source.contains("[[") || source.contains("[=") {
        // Such texts may have lines that only look like comments.
        return source.to_owned();
    }
    let lines = source.lines().map(str::trim);
    let lines = lines.map(|line| if line.starts_with("--") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_lua_keeps_its_lines() {
        assert_eq!(
            shortened("-- What it does.\nlocal a = 1 -- one\n  return a\n"),
            "\nlocal a = 1 -- one\nreturn a"
        );
    }

    #[test]
    fn lua_with_long_texts_stays_as_it_is() {
        let source = "local a = [[\n -- text\n]]\n";
        assert_eq!(shortened(source), source);
    }

    #[test]
    fn manifests_are_found_in_metadata() {
        let metadata = r#"{"packages":[{"manifest_path":"/a/Cargo.toml"},{"manifest_path":"/b/c/Cargo.toml","x":1}]}"#;
        let found: Vec<_> = manifests(metadata).collect();
        assert_eq!(found, [PathBuf::from("/a"), PathBuf::from("/b/c")]);
    }
}
