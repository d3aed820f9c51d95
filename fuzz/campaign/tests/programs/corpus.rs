//! A committed corpus is replaced only by inputs that the gate accepts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use downbeat::corpus;
use downbeat::project::Project;
use downbeat_campaign::corpus::gather::Gathered;
use downbeat_campaign::corpus::minimize::write;
use downbeat_campaign::inputs;

use crate::programs::{program, target};

crate::cases![a_committed_corpus_is_replaced_only_by_inputs_that_the_gate_accepts];

fn a_committed_corpus_is_replaced_only_by_inputs_that_the_gate_accepts() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let project = Project::at(scratch.path());
    let program = program("cache_map");
    let folder = project.corpus("cache_map");
    let write = |kept: &BTreeMap<String, Vec<u8>>| {
        write(&project, &program, kept, &AtomicBool::new(false)).expect("the corpus can be written")
    };
    let few = target("cache_map").encode("upsert 1\nget 1\n").expect("well-formed");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("committed"), &few).expect("a file");
    let faults = write(&BTreeMap::from([(corpus::name(&few), few)]));
    assert!(faults.iter().any(|fault| fault == "no operation remove"), "{faults:?}");
    assert_eq!(inputs::files(&folder).expect("files"), [folder.join("committed")]);

    std::fs::remove_dir_all(&folder).expect("the folder exists");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let committed = Project::at(&root).corpus("cache_map");
    let enough = Gathered::from(&program, &[committed]).expect("a corpus").inputs;
    let enough = enough.into_iter().map(|(name, source)| (name, source.bytes)).collect();
    assert_eq!(write(&enough), [""; 0]);
    assert_eq!(inputs::files(&folder).expect("files").len(), enough.len());
}
