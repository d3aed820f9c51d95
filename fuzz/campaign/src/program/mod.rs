//! The program of a target, to which requests are sent. [`crate::build`] builds it.
//!
//! `downbeat` links no target. The operations, texts and mutators of a target are in the target's
//! own program (`fuzz/fuzz_targets`), which serves requests ([`downbeat_protocol::message`]).
//! Inputs run in another process of the same program ([`crate::judge`]), because they may hang or
//! end their process.

mod conversation;
mod death;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, bail};
use downbeat_protocol::message::{Reply, Request, Tried};
use downbeat_protocol::sanitizer;
use downbeat_protocol::{
    Budget, CANARY_VARIABLE, Elsewhere, Encoding, Facts, Listing, MEMORY, Profile,
    SERVICE_VARIABLE, WITHOUT_VARIABLE,
};

pub(crate) use conversation::Conversation;
pub(crate) use death::failure as failure_of_death;

/// The program of a target.
pub struct Program {
    listing: &'static Listing,
    path: PathBuf,
    facts: Facts,
    /// The names of the operations that do nothing, with commas between them.
    without: String,
    conversation: RefCell<Option<Conversation>>,
}

/// An input made by the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The bytes of the input.
    pub bytes: Vec<u8>,
    /// The number of its operations.
    pub operations: usize,
}

impl Program {
    /// Opens the program at `path`, which is the program of the target `listing`.
    ///
    /// # Errors
    ///
    /// Returns an error if the program cannot be started, or does not serve requests.
    pub fn open(listing: &'static Listing, path: &Path) -> Result<Self> {
        let nothing = Facts {
            kinds: Vec::new(),
            events: Vec::new(),
            faults: Vec::new(),
            states: Vec::new(),
            elsewhere: Elsewhere::NOTHING,
            overflow_checks: false,
            encoding: Encoding::FIRST,
        };
        let path = path.to_owned();
        let conversation = RefCell::new(None);
        let without = String::new();
        let mut program = Program { listing, path, facts: nothing, without, conversation };
        program.facts = match program.ask(Request::Facts, &[])? {
            Reply::Facts(facts) => facts,
            other => return Err(program.unexpected(&other)),
        };
        Ok(program)
    }

    /// The target's row of the registry.
    #[must_use]
    pub fn listing(&self) -> &'static Listing {
        self.listing
    }

    /// The target's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.listing.name
    }

    /// The limits on an input of the target.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.listing.budget
    }

    /// The names of the target's operations, events and states.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The file of the program.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes operations do nothing from now on, by their names with commas between them. Only the
    /// programs of adapters support this.
    pub(crate) fn leave_out(&mut self, names: &str) {
        names.clone_into(&mut self.without);
    }

    /// The command that starts the program.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        match self.without.is_empty() {
            true => command.env_remove(WITHOUT_VARIABLE),
            false => command.env(WITHOUT_VARIABLE, &self.without),
        };
        command
    }

    /// Describes the build: its sanitizer and its overflow checks.
    pub(crate) fn describe_build(&self) -> String {
        let sanitizer = sanitizer::find(&self.path).unwrap_or("no sanitizer");
        let checks = if self.facts.overflow_checks { "on" } else { "OFF" };
        format!("{sanitizer}, overflow checks {checks}")
    }

    /// The command that starts the program as a server of requests.
    pub(crate) fn service(&self, canary: bool) -> Command {
        let mut command = self.command();
        command.env(SERVICE_VARIABLE, "1").env_remove(CANARY_VARIABLE);
        // Panics are caught, so a backtrace would only hide the message of an abort.
        command.env("RUST_BACKTRACE", "0");
        if canary {
            command.env(CANARY_VARIABLE, "1");
        }
        command
    }

    /// The text of an input.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn show(&self, bytes: &[u8]) -> Result<String> {
        self.text(Request::Show, bytes)
    }

    /// The settings of an input as text, one group a line.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn show_settings(&self, bytes: &[u8]) -> Result<String> {
        self.text(Request::ShowSettings, bytes)
    }

    /// The target's dictionary.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn dictionary(&self) -> Result<String> {
        self.text(Request::Dictionary, &[])
    }

    /// The bytes of a text in the file at `path`.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is malformed, with the path, the line and the column; or if the
    /// program dies.
    pub fn encode(&self, path: &Path, text: &[u8]) -> Result<Vec<u8>> {
        match self.ask(Request::Encode, text)? {
            Reply::Input { bytes, .. } => Ok(bytes),
            Reply::Refused(why) => bail!("{}{why}", path.display()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// The canonical form of an input.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn canonical(&self, bytes: &[u8]) -> Result<Made> {
        self.input(Request::Canonical, bytes)
    }

    /// The canonical form of an input that is in version `version` of the encoding.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies, for example because there is no such version.
    pub fn migrate(&self, bytes: &[u8], version: u32) -> Result<Made> {
        self.input(Request::Migrate { version }, bytes)
    }

    /// The text of an input that is in version `version` of the encoding.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies, for example because there is no such version.
    pub fn show_version(&self, bytes: &[u8], version: u32) -> Result<String> {
        self.text(Request::ShowVersion { version }, bytes)
    }

    /// Input number `number` of stream `seed` of the seeded driver or of a profile.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn generate(&self, profile: Option<Profile>, seed: u64, number: u64) -> Result<Made> {
        self.input(Request::Generate { profile, seed, number }, &[])
    }

    /// A whole history of at most `input_bytes` of the target's budget, from the generator of the
    /// seeded driver.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn draw(&self, seed: u64) -> Result<Made> {
        self.input(Request::Draw { room: self.budget().input_bytes as u64, seed }, &[])
    }

    /// Input number `number` of stream `seed` of uniformly random inputs of `bytes` bytes each.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn random(&self, bytes: u64, seed: u64, number: u64) -> Result<Made> {
        self.input(Request::Random { bytes, seed, number }, &[])
    }

    /// The number of inputs of a profile; `None` if it is unlimited.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn count_inputs(&self, profile: Profile) -> Result<Option<u64>> {
        match self.ask(Request::Count { profile }, &[])? {
            Reply::Count(count) => Ok(count),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Searches for a smaller input that fails as `bytes` does. `attempt` tries a candidate and
    /// returns a verdict, or, if its second argument is `true`, what happens at each operation.
    /// Returns the smallest input, and whether the search was completed.
    ///
    /// # Errors
    ///
    /// Returns an error if the program dies.
    pub fn shrink(
        &self,
        bytes: &[u8],
        attempt: &mut dyn FnMut(&[u8], bool) -> Tried,
    ) -> Result<(Vec<u8>, bool)> {
        let mut reply = self.ask(Request::Shrink, bytes)?;
        loop {
            match reply {
                Reply::Try { candidate, explain } => {
                    let tried = attempt(&candidate, explain);
                    reply = self.ask(Request::Tried(tried), &[])?;
                }
                Reply::Shrunk { bytes, to_the_end } => return Ok((bytes, to_the_end)),
                other => return Err(self.unexpected(&other)),
            }
        }
    }

    fn text(&self, request: Request, bytes: &[u8]) -> Result<String> {
        match self.ask(request, bytes)? {
            Reply::Text(text) => Ok(text),
            other => Err(self.unexpected(&other)),
        }
    }

    fn input(&self, request: Request, bytes: &[u8]) -> Result<Made> {
        match self.ask(request, bytes)? {
            Reply::Input { bytes, operations } => Ok(Made { bytes, operations }),
            other => Err(self.unexpected(&other)),
        }
    }

    fn ask(&self, request: Request, input: &[u8]) -> Result<Reply> {
        let mut place = self.conversation.borrow_mut();
        let mut conversation = match place.take() {
            Some(conversation) => conversation,
            None => Conversation::open(self.service(false), MEMORY)?,
        };
        conversation.send(request, input);
        match conversation.reply() {
            Some(reply) => {
                *place = Some(conversation);
                Ok(reply)
            }
            None => {
                let (_, said) = conversation.close();
                let path = self.path.display();
                bail!("{path} does not answer: {}", crate::process::last_line(&said))
            }
        }
    }

    fn unexpected(&self, reply: &Reply) -> anyhow::Error {
        anyhow!("{} sent an unexpected reply: {reply:?}", self.path.display())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(conversation) = self.conversation.take() {
            conversation.close();
        }
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Program").field("path", &self.path).finish_non_exhaustive()
    }
}
