//! Writes log files to search: `tracegrep-bench FOLDER [MEGABYTES]`.
//!
//! Four services log JSON lines. Every tenth line belongs to a trace of 20 to 60 lines, and one trace has 40 lines that are spread over all
//! files. The same bytes are written each time: to `FOLDER/plain` as one file for each service, and to `FOLDER/indexed` as five files for each
//! service, which a `RollingFile` has compressed and indexed.

mod line;
mod lines;
mod service;

use lines::Lines;
use service::Service;
use std::{env, error::Error, fs, path::PathBuf};

/// The trace that is spread over all files.
const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("the folder is missing")?);
    let megabytes = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let bytes = megabytes * 1_000_000;
    for name in ["plain", "indexed"] {
        fs::create_dir_all(folder.join(name))?;
    }
    // A service writes a quarter of the bytes, and a little more or less: less than five files hold.
    let open = |name| Service::open(&folder, name, bytes / 19);
    let [gateway, orders, payments, stock] = ["gateway", "orders", "payments", "stock"].map(open);
    let mut services = [gateway?, orders?, payments?, stock?];
    for (service, line) in Lines::new(bytes) {
        services[service].write(line.as_bytes())?;
    }
    for service in services {
        service.finish()?;
    }
    Ok(())
}
