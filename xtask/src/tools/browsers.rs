//! Finds or installs the browsers for the tests, and their drivers.

use std::env;
use std::path::{Path, PathBuf};

use super::{apt, geckodriver};
use crate::build_cache::create_folder;
use crate::project::Project;
use crate::run::{Problem, Result, find_program};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];
const CHROMEDRIVER: [&str; 1] = ["chromedriver"];

pub struct Browsers {
    pub chromium: PathBuf,
    pub firefox: PathBuf,
}

impl Browsers {
    /// Environment variables that give tests the paths of the browsers.
    pub fn env(&self) -> [(&'static str, &Path); 2] {
        [("AOXIDE_CHROMIUM", &self.chromium), ("AOXIDE_FIREFOX", &self.firefox)]
    }
}

pub fn ensure() -> Result<Browsers> {
    let chromium = || env_or_path("AOXIDE_CHROMIUM", &CHROMIUM);
    let firefox = || env_or_path("AOXIDE_FIREFOX", &FIREFOX);
    let mut missing = Vec::new();
    if chromium().is_none() {
        missing.push("chromium");
    }
    if find_program(&CHROMEDRIVER).is_none() {
        missing.push("chromium-driver");
    }
    if firefox().is_none() {
        missing.push("firefox-esr");
    }
    if !missing.is_empty() {
        apt::install(
            &missing,
            "the tests run in Chromium and Firefox, and one of them or chromedriver is missing",
        )?;
    }
    let lost = |name: &str| Problem::new(format!("{name} is installed but not on PATH"));
    Ok(Browsers {
        chromium: chromium().ok_or_else(|| lost("Chromium"))?,
        firefox: firefox().ok_or_else(|| lost("Firefox"))?,
    })
}

/// Installs WebKitGTK with its driver, and a virtual display to run it on.
pub fn ensure_webkit() -> Result {
    let needed = [
        ("WebKitWebDriver", "webkit2gtk-driver"),
        ("xvfb-run", "xvfb"),
        ("xauth", "xauth"),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(program, _)| find_program(&[program]).is_none())
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt::install(
        &missing,
        "the tests run in WebKitGTK, and it, its driver or a virtual display is missing",
    )
}

fn env_or_path(variable: &str, names: &[&str]) -> Option<PathBuf> {
    match env::var_os(variable) {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => find_program(names),
    }
}

/// The driver of one browser, for the test runner of wasm-bindgen.
pub struct Driver {
    /// The options of `wasm-pack test` for this browser and for the path of its driver.
    pub options: [&'static str; 2],
    pub path: PathBuf,
    /// A folder that must be first on PATH, so that the driver finds its browser.
    pub browser_folder: Option<PathBuf>,
}

/// The variables that name drivers. The runner uses the first that is set.
pub const DRIVER_VARIABLES: [&str; 4] = ["CHROMEDRIVER", "GECKODRIVER", "SAFARIDRIVER", "MSEDGEDRIVER"];

pub fn chromium_driver() -> Result<Driver> {
    ensure()?;
    let path = find_program(&CHROMEDRIVER).ok_or_else(|| Problem::new("chromedriver is installed but not on PATH"))?;
    Ok(Driver {
        options: ["--chrome", "--chromedriver"],
        path,
        browser_folder: None,
    })
}

pub fn firefox_driver(project: &Project) -> Result<Driver> {
    let browsers = ensure()?;
    let browser_folder = folder_with_firefox(project, &browsers.firefox)?;
    Ok(Driver {
        options: ["--firefox", "--geckodriver"],
        path: geckodriver::ensure(project)?,
        browser_folder,
    })
}

/// geckodriver starts `firefox`, which Debian names `firefox-esr`.
fn folder_with_firefox(project: &Project, firefox: &Path) -> Result<Option<PathBuf>> {
    if find_program(&["firefox"]).is_some() {
        return Ok(None);
    }
    let folder = project.path("target/tools/firefox");
    let link = folder.join("firefox");
    create_folder(&folder)?;
    // An old link may point to a browser that was moved.
    let _ = std::fs::remove_file(&link);
    symlink(firefox, &link).map_err(|error| Problem::file("create", &link, error))?;
    Ok(Some(folder))
}

#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(windows)]
use std::os::windows::fs::symlink_file as symlink;
