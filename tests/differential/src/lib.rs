//! The C implementation's kernels, as the PyPI package emlearn carries them.

#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

include!(concat!(env!("OUT_DIR"), "/reference.rs"));
