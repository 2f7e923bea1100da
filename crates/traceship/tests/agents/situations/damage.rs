//! Files that are not only lines.

use super::{
    super::{files::gzipped, set_up::Form, stage::Stage},
    Outcome,
};
use std::{fs, io::Seek as _, io::SeekFrom, io::Write as _};

/// The length of a line that is stored in parts, and of each part but the last one.
const LONG: usize = 40_000;
const PART: usize = 16_384;
const TIME: &str = "2026-11-29T10:00:00.000000000Z";

pub(super) fn containers(stage: &mut Stage<'_>) -> Outcome {
    stage.form = Form::Container;
    let (mut cri, mut docker) = (String::new(), String::new());
    for number in 0..50 {
        let [short, long] = [0, LONG].map(|length| "y".repeat(length));
        for (kind, rest) in [("short", short), ("long", long)] {
            // Of the long lines, only some.
            if rest.is_empty() || number % 5 == 0 {
                cri.push_str(&cri_line(&noted(
                    stage,
                    &format!("cri-{kind}-{number}"),
                    &rest,
                )));
                docker.push_str(&docker_line(&noted(
                    stage,
                    &format!("docker-{kind}-{number}"),
                    &rest,
                )));
            }
        }
    }
    stage.write_text("cri.log", &cri);
    stage.write_text("docker.log", &docker);
    stage.start();
    stage.finish()
}

fn noted(stage: &mut Stage<'_>, mark: &str, rest: &str) -> String {
    let text = format!("#{mark}# order placed{rest}");
    stage.written.note(mark, &text);
    text
}

/// Returns the parts of an ASCII text, and whether each is the last one.
fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let starts = (0..text.len()).step_by(PART);
    starts.map(|start| {
        let end = text.len().min(start + PART);
        (text.get(start..end).unwrap_or_default(), end == text.len())
    })
}

fn cri_line(text: &str) -> String {
    let line = |(part, is_last)| {
        let tag = if is_last { "F" } else { "P" };
        format!("{TIME} stdout {tag} {part}\n")
    };
    parts(text).map(line).collect()
}

fn docker_line(text: &str) -> String {
    let line = |(part, is_last)| {
        let newline = if is_last { "\\n" } else { "" };
        format!("{{\"log\":\"{part}{newline}\",\"stream\":\"stdout\",\"time\":\"{TIME}\"}}\n")
    };
    parts(text).map(line).collect()
}

pub(super) fn archive(stage: &mut Stage<'_>) -> Outcome {
    let first = "{\"message\":\"the program starts\"}\n";
    let old: String = (0..400)
        .map(|number| format!("{{\"message\":\"old line {}\"}}\n", number * number))
        .collect();
    let mut archive = gzipped(format!("{first}{old}").as_bytes());
    archive.truncate(archive.len() / 2);
    fs::write(stage.log("app.log.1.gz"), archive).expect("the archive is written");
    stage.write_text("app.log", first);
    stage.write("app.log", 0..200);
    stage.start();
    stage.finish()
}

/// As after `logrotate`'s `copytruncate`, when the writer does not append.
pub(super) fn hole(stage: &mut Stage<'_>) -> Outcome {
    stage.write("lines", 0..5);
    let lines = fs::read(stage.log("lines")).expect("the lines are written");
    fs::remove_file(stage.log("lines")).expect("the file is there");
    let mut file = fs::File::create(stage.log("app.log")).expect("the file is new");
    file.seek(SeekFrom::Start(20 << 20))
        .and_then(|_| file.write_all(&lines))
        .expect("the file is written");
    stage.start();
    stage.finish()
}
