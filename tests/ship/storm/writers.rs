//! Which writers there are, and how much each of them writes.

use super::{
    containers::Load,
    own_writer,
    place::{ROLLING, ROTATED},
    plan::Plan,
    writer_process::{Program, WriterProcess},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A quarter of the lines is written by three processes to rolling files of this crate, and a quarter by two processes of this crate to files
/// that `logrotate` rotates. Python writes a fifth, and the shell 15 percent.
pub(super) fn writers(root: &Path, plan: &Plan) -> Vec<WriterProcess> {
    let script = |name: &str, text: &str| {
        let path = root.join(name);
        fs::write(&path, text).expect("the file is written");
        path
    };
    let folders = || {
        ROTATED
            .map(|place| (place.number, place.folder(root)))
            .to_vec()
    };
    let files_of = |name: &str| {
        let file = |(place, folder): (u8, PathBuf)| (place, folder.join(name));
        folders().into_iter().map(file).collect()
    };
    let rolling = |name: &str, lines: u64| Program::Own {
        files: vec![(ROLLING.number, ROLLING.folder(root).join(name))],
        max_bytes: Some((lines * own_writer::LINE_BYTES / plan.rotations()).max(32 << 10)),
    };
    let rotated = |name: &str| Program::Own {
        files: files_of(name),
        max_bytes: None,
    };
    let python = Program::Script {
        interpreter: "python3",
        script: script("writer.py", include_str!("writer.py")),
        folders: folders(),
    };
    let shell = Program::Script {
        interpreter: "sh",
        script: script("writer.sh", include_str!("writer.sh")),
        folders: folders(),
    };
    let own = plan.percent(25) / 3;
    let start = |program, writer, lines| {
        WriterProcess::start(program, writer, lines, plan.rate(lines), root)
    };
    vec![
        start(rolling("orders.jsonl", own), 1, own),
        start(rolling("carts.jsonl", own), 2, own),
        start(rolling("payments.jsonl", own), 3, own),
        start(rotated("orders.jsonl"), 4, plan.percent(25) / 2),
        start(rotated("carts.jsonl"), 5, plan.percent(25) / 2),
        start(python, 10, plan.percent(20)),
        start(shell, 20, plan.percent(15)),
    ]
}

/// Each of the four containers writes a quarter of what is left.
pub(super) fn load_of_containers(plan: &Plan) -> Load {
    let lines = plan.percent(15) / 4;
    Load {
        lines,
        rate: plan.rate(lines),
        rotations: plan.rotations(),
    }
}
