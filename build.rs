//! Rebuilds when what travels inside the binary changes: the embedding macro does not tell Cargo by itself.

fn main() {
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=templates");
}
