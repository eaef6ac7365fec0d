//! Writes the table of embedded files: what `npm run build` left in `web/dist`, the dashboards, and the
//! detection rules.
//!
//! Nothing is built or fetched here, so that `cargo build` works without Node and without a network: where the page has
//! not been built, the table is empty, cargo says so, and the crate answers with a page that tells how to build it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Below `web/dist`: the location databases and their description are not pages, they have calls of their own.
const COUNTRY_DB: &str = "geo/iptoasn-country.mmdb";
const AS_DB: &str = "geo/asn.mmdb";
const GEO_INFO: &str = "geo/info.json";

fn main() -> io::Result<()> {
    let root = workspace_root()?;
    let dist = root.join("web/dist");
    let dashboards = root.join("dashboards");
    let rules = root.join("rules");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed={}", dashboards.display());
    println!("cargo:rerun-if-changed={}", rules.display());
    if !dist.join("index.html").is_file() {
        println!(
            "cargo:warning=web/dist/index.html is missing: the binary will serve a page that says how to build it (cd web && npm ci && npm run build)"
        );
    }

    let mut code = String::new();
    let files = files_below(&dist)?;
    write_pages(&mut code, &dist, &files);
    write_single(&mut code, "COUNTRY_DB: Option<&[u8]>", "include_bytes", &dist.join(COUNTRY_DB));
    write_single(&mut code, "AS_DB: Option<&[u8]>", "include_bytes", &dist.join(AS_DB));
    write_single(&mut code, "GEO_INFO: Option<&str>", "include_str", &dist.join(GEO_INFO));
    write_dashboards(&mut code, &dashboards)?;
    write_rules(&mut code, &rules)?;
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(PathBuf::from(out).join("table.rs"), code)
}

fn workspace_root() -> io::Result<PathBuf> {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("CARGO_MANIFEST_DIR is not set"))?;
    fs::canonicalize(Path::new(&manifest).join("../.."))
}

/// The files below a folder as `/`-separated relative paths, sorted; none where the folder is missing.
fn files_below(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(relative) = pending.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&relative)) else { continue };
        for entry in entries {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else if let Some(text) = path.to_str() {
                found.push(text.replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn write_pages(code: &mut String, dist: &Path, files: &[String]) {
    line(code, "/// Path below `web/dist` and bytes, sorted by path.");
    line(code, "static PAGES: &[(&str, &[u8])] = &[");
    for file in files {
        let hidden = file.split('/').any(|part| part.starts_with('.'));
        if hidden || [COUNTRY_DB, AS_DB, GEO_INFO].contains(&file.as_str()) {
            continue;
        }
        line(code, &format!("    ({file:?}, include_bytes!({:?})),", dist.join(file)));
    }
    line(code, "];");
}

fn write_single(code: &mut String, declaration: &str, include: &str, file: &Path) {
    let value = if file.is_file() { format!("Some({include}!({file:?}))") } else { "None".to_owned() };
    line(code, &format!("static {declaration} = {value};"));
}

fn write_dashboards(code: &mut String, folder: &Path) -> io::Result<()> {
    line(code, "/// File stem and text of each dashboard, sorted by file name.");
    line(code, "static DASHBOARDS: &[(&str, &str)] = &[");
    for file in files_below(folder)? {
        if let Some(id) = file.strip_suffix(".json").filter(|id| !id.contains('/')) {
            line(code, &format!("    ({id:?}, include_str!({:?})),", folder.join(&file)));
        }
    }
    line(code, "];");
    Ok(())
}

fn write_rules(code: &mut String, folder: &Path) -> io::Result<()> {
    line(code, "/// Path below `rules` and text of each rule, sorted by path.");
    line(code, "static RULES: &[(&str, &str)] = &[");
    for file in files_below(folder)?.iter().filter(|file| file.ends_with(".yml")) {
        line(code, &format!("    ({file:?}, include_str!({:?})),", folder.join(file)));
    }
    line(code, "];");
    line(code, &format!("static ATTACK: &str = include_str!({:?});", folder.join("attack.tsv")));
    Ok(())
}

fn line(code: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(code, "{text}");
}
