//! Writes `emlearn.h`, the C view of `src/ffi`, into `EMLEARN_INCLUDE_DIR` (or cargo's `OUT_DIR`).

use cbindgen::ItemType::{Enums, Functions, OpaqueItems, Structs, Typedefs};
use std::{env, path::PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-env-changed=EMLEARN_INCLUDE_DIR");
    let include_dir = env::var("EMLEARN_INCLUDE_DIR")
        .or_else(|_| env::var("OUT_DIR"))
        .expect("cargo sets OUT_DIR");
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        include_guard: Some("EMLEARN_H".into()),
        autogen_warning: Some("// Generated from src/ffi by build.rs.".into()),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(String::from).to_vec(),
        usize_is_size_t: true,
        style: cbindgen::Style::Type,
        export: cbindgen::ExportConfig {
            prefix: Some("eml_".into()),
            include: vec!["TreesKind".into()],
            item_types: [Structs, Enums, OpaqueItems, Typedefs, Functions].to_vec(),
            ..Default::default()
        },
        enumeration: cbindgen::EnumConfig {
            prefix_with_name: true,
            ..Default::default()
        },
        documentation: false,
        ..Default::default()
    };
    cbindgen::Builder::new()
        .with_crate(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"))
        .with_config(config)
        .generate()
        .expect("src/ffi has a C view")
        .write_to_file(PathBuf::from(include_dir).join("emlearn.h"));
}
