//! A serving process, and the commands beside it.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    thread::JoinHandle,
};

pub(crate) const ORDERD: &str = env!("CARGO_BIN_EXE_orderd");

/// `orderd` with these arguments, in a folder of its own and with no settings but its arguments'.
pub(crate) fn orderd(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(ORDERD);
    command.args(arguments).current_dir(folder).env("ORDERD_RATE_LIMIT", "off");
    command.env("ORDERD_LOG_FILTER", "warn").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    orderd(folder, arguments).output().unwrap()
}

/// A process that serves; it is killed with the test that started it.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
    /// What it prints after its address.
    stdout: BufReader<ChildStdout>,
    /// Its log: read all the time, so that a full pipe never stops the process.
    stderr: Option<JoinHandle<String>>,
    database: String,
    folder: PathBuf,
}

impl Serving {
    /// Waits until the process is ready.
    pub(crate) fn start(folder: &Path, database: &str) -> Serving {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", database];
        Serving::of(orderd(folder, &arguments), folder, database)
    }

    pub(crate) fn of(mut command: Command, folder: &Path, database: &str) -> Serving {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut log = String::new();
            _ = stderr.read_to_string(&mut log);
            log
        });
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("orderd listens on ") else {
            _ = child.kill();
            panic!("{line:?} is no address; it says: {}", stderr.join().unwrap());
        };
        let (address, database) = (address.to_owned(), database.to_owned());
        let (stderr, folder) = (Some(stderr), folder.to_owned());
        Serving { child, address, stdout, stderr, database, folder }
    }

    pub(crate) fn lines(&mut self, count: usize) -> Vec<String> {
        let lines = self.stdout.by_ref().lines().take(count);
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// A token of this server, by the command beside it.
    pub(crate) fn token(&self, subject: &str, scope: &str) -> String {
        let database = &self.database;
        let arguments = ["token", "--database", database, "--sub", subject, "--scope", scope];
        let output = run(&self.folder, &arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().into()
    }

    /// `kill -9`: no word of farewell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    pub(crate) fn signal(&self, name: &str) {
        let (name, pid) = (format!("-{name}"), self.id().to_string());
        assert!(Command::new("kill").args([name, pid]).status().unwrap().success());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, and its log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.stderr.take().unwrap().join().unwrap())
    }

    /// Ends it in good order.
    pub(crate) fn end(self) {
        self.terminate();
        let (status, log) = self.wait();
        assert!(status.success(), "{status}: {log}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// `orderd verify` has nothing to tell.
pub(crate) fn assert_verified(folder: &Path, database: &str) {
    let output = run(folder, &["verify", "--database", database]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told, "the books are right\n");
}
