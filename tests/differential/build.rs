//! Compiles the C headers and binds them. `EMLEARN_HEADERS` is their folder; the Makefile sets it.

use std::{env, path::PathBuf, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=EMLEARN_HEADERS");
    println!("cargo:rerun-if-changed=src");
    let headers = env::var("EMLEARN_HEADERS").expect("EMLEARN_HEADERS is the folder of eml_trees.h: use `make rust-test`");
    cc::Build::new()
        .file("src/reference.c")
        .include(&headers)
        .warnings(false)
        .flag("-Wno-unused-function")
        .compile("reference");
    // libclang from a wheel lacks the compiler's own headers.
    let own = Command::new("gcc").arg("-print-file-name=include").output().expect("gcc runs");
    let own = String::from_utf8(own.stdout).expect("a path");
    bindgen::Builder::default()
        .header("src/reference.h")
        .clang_arg(format!("-I{headers}"))
        .clang_arg(format!("-isystem{}", own.trim()))
        .allowlist_file(".*/eml_(fft|iir|neighbors|trees).h")
        .generate()
        .expect("the C headers can be bound")
        .write_to_file(PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("reference.rs"))
        .expect("OUT_DIR can be written");
}
