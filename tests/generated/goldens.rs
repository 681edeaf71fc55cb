//! The bytes of the reference service's files. `REDUSE_UPDATE=1` writes them anew.

use std::path::PathBuf;

use reduse::model::Policies;

use crate::reference;

#[test]
fn the_reference_service_gives_these_bytes() {
    let output = reference::generate_from(reference::metrics(), &Policies::default(), &reference::node_exporter());
    let again = reference::generate_from(reference::metrics(), &Policies::default(), &reference::node_exporter());
    assert_eq!(output, again);
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/generated/golden");
    for file in &output.files {
        let path = dir.join(file.name);
        if std::env::var_os("REDUSE_UPDATE").is_some() {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&path, &file.text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; REDUSE_UPDATE=1 writes it", path.display()));
        assert!(golden == file.text, "{} differs from its golden; look at the change, then REDUSE_UPDATE=1 writes it", file.name);
    }
}
