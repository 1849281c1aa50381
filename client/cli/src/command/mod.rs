//! The commands, one file each.

mod assisted;
mod basis;
mod circle;
mod consent;
mod doctor;
mod enrol;
mod feedback;
mod hold;
mod housing;
mod inbox;
mod introduce;
mod keys;
mod link;
mod mandate;
mod matching;
mod offers;
mod open;
mod overleg;
mod partners;
mod pin;
mod referral;
mod reject;
mod renew;
mod residents;
mod send;
mod signal;
mod signal_send;
mod status;
mod step;
mod waitlist;
mod watch;
mod whoami;
mod withdraw_all;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

use step::Step;

/// A command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Enrol(enrol::Arguments),
    Renew(renew::Arguments),
    Whoami(whoami::Arguments),
    Partners(partners::Arguments),
    Pin(pin::Arguments),
    #[command(subcommand)]
    Keys(keys::Command),
    Link(link::Arguments),
    Residents(residents::Arguments),
    #[command(subcommand)]
    Consent(consent::Command),
    #[command(subcommand)]
    Assisted(assisted::Command),
    WithdrawAll(withdraw_all::Arguments),
    #[command(subcommand)]
    Mandate(mandate::Command),
    #[command(subcommand)]
    Basis(basis::Command),
    Send(send::Arguments),
    Inbox(inbox::Arguments),
    Open(open::Arguments),
    /// Take a referral on
    Accept(step::Arguments),
    Waitlist(waitlist::Arguments),
    Reject(reject::Arguments),
    /// Tell that the help has begun
    Start(step::Arguments),
    /// Tell that the help is done
    Complete(step::Arguments),
    /// Take back a referral of your own that is not in progress
    Cancel(step::Arguments),
    /// Stop a referral that was accepted, from either side
    Stop(step::Arguments),
    Feedback(feedback::Arguments),
    Status(status::Arguments),
    #[command(subcommand)]
    Circle(circle::Command),
    #[command(subcommand)]
    Signal(signal::Command),
    #[command(subcommand)]
    Offers(offers::Command),
    Match(matching::Arguments),
    #[command(subcommand)]
    Hold(hold::Command),
    #[command(subcommand)]
    Introduce(introduce::Command),
    #[command(subcommand)]
    Housing(housing::Command),
    #[command(subcommand)]
    Overleg(overleg::Command),
    Doctor(doctor::Arguments),
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Enrol(arguments) => enrol::run(arguments, context).await,
        Command::Renew(arguments) => renew::run(&arguments, context).await,
        Command::Whoami(arguments) => whoami::run(&arguments, context),
        Command::Partners(arguments) => partners::run(&arguments, context).await,
        Command::Pin(arguments) => pin::run(arguments, context).await,
        Command::Keys(command) => keys::run(&command, context).await,
        Command::Link(arguments) => link::run(arguments, context).await,
        Command::Residents(arguments) => residents::run(&arguments, context),
        Command::Consent(command) => consent::run(command, context).await,
        Command::Assisted(command) => assisted::run(command, context).await,
        Command::WithdrawAll(arguments) => withdraw_all::run(arguments, context).await,
        Command::Mandate(command) => mandate::run(command, context).await,
        Command::Basis(command) => Box::pin(basis::run(command, context)).await,
        Command::Send(arguments) => send::run(arguments, context).await,
        Command::Inbox(arguments) => inbox::run(&arguments, context).await,
        Command::Open(arguments) => open::run(arguments, context).await,
        Command::Accept(arguments) => step::run(Step::Accept, &arguments, context).await,
        Command::Waitlist(arguments) => waitlist::run(&arguments, context).await,
        Command::Reject(arguments) => reject::run(arguments, context).await,
        Command::Start(arguments) => step::run(Step::Start, &arguments, context).await,
        Command::Complete(arguments) => step::run(Step::Complete, &arguments, context).await,
        Command::Cancel(arguments) => step::run(Step::Cancel, &arguments, context).await,
        Command::Stop(arguments) => step::run(Step::Stop, &arguments, context).await,
        Command::Feedback(arguments) => feedback::run(arguments, context).await,
        Command::Status(arguments) => status::run(&arguments, context).await,
        Command::Offers(command) => offers::run(command, context).await,
        Command::Match(arguments) => matching::run(&arguments, context),
        Command::Hold(command) => hold::run(&command, context).await,
        Command::Introduce(command) => introduce::run(command, context).await,
        Command::Housing(command) => housing::run(command, context).await,
        Command::Circle(command) => circle::run(command, context).await,
        Command::Signal(command) => signal::run(command, context).await,
        Command::Overleg(command) => overleg::run(command, context).await,
        Command::Doctor(arguments) => doctor::run(&arguments, context).await,
    }
}
