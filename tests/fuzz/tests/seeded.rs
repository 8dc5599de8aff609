//! A short run with random arguments, from a fixed seed: `make fuzz` has a long one.

use fuzz::{DRIVERS, Random, any};
use std::fs;

#[test]
fn every_module_has_a_driver() {
    let ffi = include_str!("../../../src/ffi.rs");
    let modules = ffi.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        assert!(DRIVERS.iter().any(|&(name, _)| name == module), "{module}");
    }
}

#[test]
fn random_bytes() {
    let mut random = Random(1);
    for i in 0..200_000 {
        let mut data: Vec<u8> = (0..random.below(120)).map(|_| random.number() as u8).collect();
        if let Some(kernel) = data.first_mut() {
            *kernel = i as u8;
        }
        any(&data);
    }
}

/// What a long run has found worth keeping, and models; each as it is, and changed.
#[test]
fn corpus() {
    let mut random = Random(2);
    let mut n = 0;
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).expect("the corpus is there") {
        let data = fs::read(file.expect("a file").path()).expect("a file");
        any(&data);
        for _ in 0..200 {
            let mut changed = data.clone();
            random.mutate(&mut changed);
            any(&changed);
        }
        n += 1;
    }
    assert!(n > 10);
}
