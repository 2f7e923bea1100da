//! The three services of `examples/shop`. Each is a process of its own, as in the example: the test program runs itself with the name of a
//! service.

#[path = "../../../../examples/shop/gateway.rs"]
mod gateway;
#[path = "../../../../examples/shop/orders/mod.rs"]
mod orders;
#[path = "../../../../examples/shop/payments.rs"]
mod payments;
#[path = "../../../../examples/shop/service.rs"]
mod service;

use std::{
    env,
    error::Error,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

/// What the modules of the example return.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

const SERVICE: &str = "SHOP_TEST_SERVICE";
const CALLS: &str = "SHOP_TEST_CALLS";

/// The services of the shop, which write their logs to a folder.
pub(crate) struct Shop {
    gateway: Service,
    orders: Service,
    payments: Service,
}

impl Shop {
    /// Starts the services with these environment variables.
    pub(crate) fn start(folder: &Path, variables: &[(&str, String)]) -> Self {
        let start = |name, calls| Service::start(name, calls, folder, variables);
        let payments = start("payments", None);
        let orders = start("orders", Some(payments.address));
        let gateway = start("gateway", Some(orders.address));
        Self {
            gateway,
            orders,
            payments,
        }
    }

    /// The address of the service that customers call.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.gateway.address
    }

    pub(crate) fn stop(self) {
        for service in [self.gateway, self.orders, self.payments] {
            service.stop();
        }
    }
}

/// A service, which is a process of this program.
struct Service {
    process: Child,
    /// The service ends when this is closed.
    input: ChildStdin,
    address: SocketAddr,
}

impl Service {
    fn start(
        name: &str,
        calls: Option<SocketAddr>,
        folder: &Path,
        variables: &[(&str, String)],
    ) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        for (name, _) in env::vars_os() {
            let is_read = |name: &str| {
                ["OTEL_", "LOG_", "RUST_LOG"]
                    .iter()
                    .any(|start| name.starts_with(start))
            };
            if name.to_str().is_some_and(is_read) {
                command.env_remove(name);
            }
        }
        let mut process = command
            .args(["--exact", "a_service", "--nocapture"])
            .env(SERVICE, name)
            .env(CALLS, calls.map_or(String::new(), |it| it.to_string()))
            .env("OTEL_SERVICE_NAME", name)
            .env("LOG_FILE", folder.join(format!("{name}.jsonl")))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs again");
        let output = process.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        // The test runner writes lines too.
        let address = lines.find_map(|line| line.rsplit(' ').next()?.parse().ok());
        let input = process.stdin.take().expect("it is piped");
        // Read to the end, so that the runner's last lines have somewhere to go.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            input,
            address: address.expect("the service prints its address"),
        }
    }

    fn stop(self) {
        let Self {
            mut process, input, ..
        } = self;
        drop(input);
        assert!(process.wait().expect("it ends").success());
    }
}

/// Serves as a service of the shop, if this process is one. The test that calls it is named `a_service`.
pub(crate) fn serve() {
    let Ok(name) = env::var(SERVICE) else {
        return;
    };
    let calls = env::var(CALLS).ok().and_then(|calls| calls.parse().ok());
    let called = || calls.expect("an address");
    let ended = match &*name {
        "gateway" => service::run(|| gateway::router(called())),
        "orders" => service::run(|| orders::router(called())),
        "payments" => service::run(payments::router),
        other => panic!("there is no service {other}"),
    };
    ended.expect("the service ends without a failure");
}
