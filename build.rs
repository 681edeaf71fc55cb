//! Turns `rules/` into JSON, which is read several times as fast as YAML at every start, and rebuilds when what travels inside the
//! binary changes: the embedding macro does not tell Cargo by itself.

use std::error::Error;
use std::path::Path;
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=templates");
    let to = Path::new(&env::var("OUT_DIR")?).join("rules");
    match fs::remove_dir_all(&to) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
        _ => {}
    }
    convert(&Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("rules"), &to)
}

/// Writes the JSON of every YAML file of a folder, and of those below it, to the same place below another.
fn convert(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if path.is_dir() {
            convert(&path, &target)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            let error = |e: &dyn Error| format!("{}: {e}", path.display());
            let rules: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(&path)?).map_err(|e| error(&e))?;
            fs::write(target.with_extension("json"), rules.to_string())?;
        }
    }
    Ok(())
}
