//! What the agents cost: CPU time per line, and CPU time and memory for files that do not change.

use super::{
    files::Folder,
    is_chosen,
    log_server::{LogServer, Product},
    process::Process,
    set_up::{AGENTS, Agent, Form, Protocol, SetUp},
};
use std::{
    fmt::Write as _,
    fs, thread,
    time::{Duration, Instant},
};

const LINES: usize = 200_000;
/// The larger number is more than rsyslog and syslog-ng can open where a process may have 20,000 descriptors.
const IDLE_FILES: [usize; 2] = [5_000, 20_000];
/// How long the cost of idle files is measured.
const IDLE: Duration = Duration::from_secs(20);
/// If no line has arrived for this time, none will.
const QUIET: Duration = Duration::from_secs(60);

/// One way to ship lines.
#[derive(Clone, Copy)]
struct Way {
    what: &'static str,
    agent: Agent,
    protocol: Protocol,
    form: Form,
}

const WAYS: [Way; 8] = [
    Way {
        what: "OTLP, with time, level and ids of the line",
        agent: Agent::Traceship,
        protocol: Protocol::Otlp,
        form: Form::Json,
    },
    Way {
        what: "OTLP, with time, level and ids of the line",
        agent: Agent::Collector,
        protocol: Protocol::Otlp,
        form: Form::Json,
    },
    Way {
        what: "OTLP, the line as text",
        agent: Agent::Collector,
        protocol: Protocol::Otlp,
        form: Form::Text,
    },
    Way {
        what: "Loki's, with time, level and ids of the line",
        agent: Agent::Traceship,
        protocol: Protocol::Loki,
        form: Form::Json,
    },
    Way {
        what: "Loki's, with time, level and ids of the line",
        agent: Agent::SyslogNg,
        protocol: Protocol::Loki,
        form: Form::Json,
    },
    Way {
        what: "Elasticsearch's, the line is the document",
        agent: Agent::Traceship,
        protocol: Protocol::Bulk,
        form: Form::Json,
    },
    Way {
        what: "Elasticsearch's, the line is the document",
        agent: Agent::Rsyslog,
        protocol: Protocol::Bulk,
        form: Form::Json,
    },
    Way {
        what: "Elasticsearch's, the line is the document",
        agent: Agent::SyslogNg,
        protocol: Protocol::Bulk,
        form: Form::Json,
    },
];

/// An agent that ships a folder to a server of its own.
struct Run {
    process: Process,
    server: LogServer,
    // Removed last.
    _folder: Folder,
}

impl Run {
    fn start(way: Way, files: usize, write: impl FnOnce(&Folder)) -> Self {
        let (server, folder) = (LogServer::start(Product::VictoriaLogs), Folder::new());
        let (logs, state) = (folder.at("logs"), folder.at("state"));
        for name in [&logs, &state] {
            fs::create_dir(name).expect("the folder is new");
        }
        write(&folder);
        let command = way.agent.command(&SetUp {
            logs: &logs,
            patterns: &["*.log"],
            state: &state,
            port: server.socket().port(),
            product: Product::VictoriaLogs,
            protocol: way.protocol,
            index: "logs",
            form: way.form,
            files,
            prefers_large_requests: true,
        });
        let process = Process::start(&command, None, &state.join("output"));
        Self {
            process,
            server,
            _folder: folder,
        }
    }

    /// Waits until the server has so many lines, or no more arrive. Returns how many it has.
    fn wait(&mut self, lines: usize) -> usize {
        let (mut last, mut at) = (0, Instant::now());
        loop {
            let found = self.server.count();
            if found > last {
                (last, at) = (found, Instant::now());
            }
            if found >= lines || at.elapsed() > QUIET || self.process.has_ended() {
                return found;
            }
            thread::sleep(Duration::from_millis(500));
        }
    }
}

fn assert_optimized() {
    let is_optimized = !cfg!(debug_assertions);
    assert!(
        is_optimized,
        "an optimized build is measured: use --release"
    );
}

/// Prints the CPU time for the lines of one file, and returns where traceship takes more than another agent with the same protocol.
pub(crate) fn lines() -> Vec<String> {
    assert_optimized();
    let text = varied_lines();
    println!("{LINES} lines, {} bytes", text.len());
    let mut rows = Vec::new();
    for way in WAYS
        .into_iter()
        .filter(|way| is_chosen("AGENTS", way.agent.name()))
    {
        let measure = || {
            let write = |folder: &Folder| {
                fs::write(folder.at("logs/app.log"), &text).expect("the file is written")
            };
            let mut run = Run::start(way, 1, write);
            let found = run.wait(LINES);
            (run.process.cpu(), found, run.process.mebibytes("VmHWM"))
        };
        let (cpu, found, peak) = measure().min(measure());
        println!(
            "{} {}: {cpu:?}, {found} lines, {peak} MiB",
            way.agent.name(),
            way.what
        );
        rows.push((way, cpu, found, peak));
    }
    println!("\n| protocol | agent | lines found | CPU s | peak MiB |\n|---|---|--:|--:|--:|");
    for (way, cpu, found, peak) in &rows {
        let (name, cpu) = (way.agent.name(), cpu.as_secs_f64());
        println!("| {} | {name} | {found} | {cpu:.2} | {peak} |", way.what);
    }
    let is_ours = |way: &Way| way.agent == Agent::Traceship;
    let ours = rows.iter().filter(|(way, ..)| is_ours(way));
    ours.flat_map(|(our_way, our_cpu, ..)| {
        let others = rows.iter().filter(move |(way, cpu, ..)| {
            way.protocol == our_way.protocol && !is_ours(way) && cpu < our_cpu
        });
        others.map(move |(way, cpu, ..)| {
            format!(
                "{}: {our_cpu:?}, but {}: {cpu:?}",
                way.what,
                way.agent.name()
            )
        })
    })
    .collect()
}

/// Prints the cost of files that do not change, and returns where traceship takes more than another agent.
pub(crate) fn idle_files() -> Vec<String> {
    assert_optimized();
    IDLE_FILES.into_iter().flat_map(idle).collect()
}

fn idle(files: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for agent in AGENTS
        .into_iter()
        .filter(|agent| is_chosen("AGENTS", agent.name()))
    {
        let way = Way {
            what: "",
            agent,
            protocol: agent.protocol(Product::VictoriaLogs),
            form: Form::Text,
        };
        let begin = Instant::now();
        let mut run = Run::start(way, files, |folder| {
            for number in 0..files {
                let line =
                    format!("{{\"message\":\"line {number} of a file that does not change\"}}\n");
                fs::write(folder.at(&format!("logs/app-{number}.log")), line)
                    .expect("the file is written");
            }
        });
        let found = run.wait(files);
        let shipped = begin.elapsed().as_secs();
        thread::sleep(Duration::from_secs(10));
        let before = run.process.cpu();
        thread::sleep(IDLE);
        let share = (run.process.cpu() - before).as_secs_f64() / IDLE.as_secs_f64() * 100.0;
        let memory = run.process.mebibytes("VmRSS");
        println!(
            "{}: {found} lines after {shipped} s, {share:.1} %, {memory} MiB",
            agent.name()
        );
        rows.push((agent, found, share, memory));
    }
    println!(
        "\n{files} files:\n\n| agent | lines found | CPU, % of a core | memory, MiB |\n|---|--:|--:|--:|"
    );
    for (agent, found, share, memory) in &rows {
        println!("| {} | {found} | {share:.1} | {memory} |", agent.name());
    }
    let Some(((_, _, ours, our_memory), others)) = rows.split_first() else {
        return Vec::new();
    };
    others
        .iter()
        .filter(|(_, found, share, memory)| {
            *found == files && (share < ours || memory < our_memory)
        })
        .map(|(agent, _, share, memory)| {
            format!(
                "{ours:.1} %, {our_memory} MiB, but {}: {share:.1} %, {memory} MiB",
                agent.name()
            )
        })
        .collect()
}

/// Returns lines as services write them. No two are equal.
fn varied_lines() -> String {
    const WORDS: [&str; 12] = [
        "cart",
        "received",
        "order",
        "placed",
        "payment",
        "declined",
        "retry",
        "scheduled",
        "index",
        "cache",
        "session",
        "expired",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut text = String::new();
    for number in 0..LINES {
        let words = 4 + random() % 10;
        let message: Vec<&str> = (0..words)
            .map(|_| WORDS[(random() % 12) as usize])
            .collect();
        let level = ["INFO", "INFO", "INFO", "WARN", "ERROR"][(random() % 5) as usize];
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{{\"timestamp\":\"2026-11-29T10:{:02}:{:02}.{:06}Z\",\"level\":\"{level}\",\"message\":\"{} {number}\",\"target\":\"shop::{}\",\
             \"trace_id\":\"{:016x}{:016x}\",\"span_id\":\"{:016x}\",\"trace_flags\":\"01\",\"service.name\":\"shop\",\"span_name\":\"{}\",\
             \"order\":{},\"cents\":{},\"path\":\"/api/v1/{}/{}\",\"elapsed_ms\":{}.{:03},\"ok\":{}}}",
            number / 60_000,
            number / 1_000 % 60,
            number % 1_000 * 1_000 + 17,
            message.join(" "),
            WORDS[(random() % 12) as usize],
            random(),
            random(),
            random(),
            WORDS[(random() % 12) as usize],
            random() % 1_000_000,
            random() % 10_000_000,
            WORDS[(random() % 12) as usize],
            random() % 100_000,
            random() % 1_000,
            random() % 1_000,
            random() % 2 == 0,
        );
    }
    text
}
