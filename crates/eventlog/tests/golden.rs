//! Every shape that was ever written still reads as it was meant, and today's are written as ever.
//!
//! Each shape has a `.bin` file with the encoded samples and a `.json` twin that says what they
//! mean, personal parts included. `PAIDAN_BLESS=1 cargo test -p paidan-eventlog --test golden`
//! writes the files that are missing; files of a released shape never change.

use std::path::PathBuf;

use eventlog::{EncodedPayload, SHAPES, Shape, decode_payload, encode_payload, samples};

fn golden(shape: &Shape, extension: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file_name(shape, extension))
}

fn file_name(shape: &Shape, extension: &str) -> String {
    format!("{}.v{}.{extension}", shape.name, shape.schema)
}

/// Count u32; then for each sample: type u16, schema u16, length u32 and public part, mark u8,
/// length u32 and personal part in the clear. Little endian.
fn write(samples: &[EncodedPayload]) -> Vec<u8> {
    let mut out = Vec::new();
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("samples are short");
    out.extend(u32::try_from(samples.len()).expect("samples are few").to_le_bytes());
    for sample in samples {
        out.extend(sample.type_id.to_le_bytes());
        out.extend(sample.schema.to_le_bytes());
        out.extend(length(&sample.public).to_le_bytes());
        out.extend(&sample.public);
        let personal = sample.personal.as_deref();
        out.push(u8::from(personal.is_some()));
        out.extend(length(personal.unwrap_or_default()).to_le_bytes());
        out.extend(personal.unwrap_or_default());
    }
    out
}

fn read(mut bytes: &[u8]) -> Vec<EncodedPayload> {
    fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(len);
        *bytes = rest;
        taken
    }
    fn number(bytes: &mut &[u8], len: usize) -> u32 {
        take(bytes, len).iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
    }
    let count = number(&mut bytes, 4);
    let mut out = Vec::new();
    for _ in 0..count {
        let type_id = number(&mut bytes, 2) as u16;
        let schema = number(&mut bytes, 2) as u16;
        let len = number(&mut bytes, 4) as usize;
        let public = take(&mut bytes, len).to_vec();
        let has_personal = number(&mut bytes, 1) == 1;
        let len = number(&mut bytes, 4) as usize;
        let personal = take(&mut bytes, len).to_vec();
        out.push(EncodedPayload {
            type_id,
            schema,
            public,
            personal: has_personal.then_some(personal),
        });
    }
    assert!(bytes.is_empty(), "a golden file is longer than its samples");
    out
}

#[test]
fn every_shape_that_is_written_is_written_as_ever() {
    let bless = std::env::var_os("PAIDAN_BLESS").is_some();
    for sample in samples::all() {
        let shape = SHAPES.iter().find(|shape| shape.written && shape.name == sample.name);
        let shape = shape.expect("what has samples is written");
        let encoded: Vec<_> =
            sample.events.iter().map(|event| encode_payload(event).expect("encodes")).collect();
        let bytes = write(&encoded);
        let json = serde_json::to_string_pretty(&sample.events).expect("has a JSON form") + "\n";
        let (bin_path, json_path) = (golden(shape, "bin"), golden(shape, "json"));
        if bless && !bin_path.exists() {
            std::fs::write(&bin_path, &bytes).expect("writes the golden file");
            std::fs::write(&json_path, &json).expect("writes its twin");
        }
        let known = std::fs::read(&bin_path).unwrap_or_else(|error| {
            panic!("{} has no golden file ({error}); bless it", shape.name)
        });
        assert!(known == bytes, "{} is written differently than before", shape.name);
        let known = std::fs::read_to_string(&json_path).expect("the golden file has its twin");
        assert_eq!(known, json, "{} means something else than before", shape.name);
    }
}

#[test]
fn every_shape_that_was_ever_written_reads_as_it_was_meant() {
    for shape in SHAPES {
        let bytes = std::fs::read(golden(shape, "bin")).expect("has a golden file");
        let events: Vec<_> = read(&bytes)
            .iter()
            .map(|encoded| {
                assert_eq!((encoded.type_id, encoded.schema), (shape.type_id, shape.schema));
                decode_payload(encoded).unwrap_or_else(|e| panic!("{}: {e}", shape.name))
            })
            .collect();
        let json = serde_json::to_string_pretty(&events).expect("has a JSON form") + "\n";
        let known = std::fs::read_to_string(golden(shape, "json")).expect("has its twin");
        assert_eq!(known, json, "{} is read differently than it was meant", shape.name);
    }
}

#[test]
fn no_golden_file_belongs_to_a_shape_that_was_forgotten() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(directory).expect("is there") {
        let name = entry.expect("reads").file_name().into_string().expect("is UTF-8");
        let known = SHAPES.iter().any(|shape| {
            ["bin", "json"].iter().any(|extension| name == file_name(shape, extension))
        });
        assert!(known, "{name} is of no shape that can be read");
    }
}
