//! `sluis signal`: worries of this organisation, and what becomes of those that met.

mod counts;
mod draft;
mod follow_up;
mod list;
mod post;
mod renew;
mod settle;
mod show;
pub(super) mod view;
pub(super) mod watch;
mod weigh;
mod withdraw;

use clap::Subcommand;

use super::signal_send;
use crate::context::Context;
use crate::failure::Failure;

/// Worries that meet in a circle, without a register of worries
///
/// Danger, now: call 112. Violence at home or child abuse: Veilig Thuis, 0800-2000. An acute mental crisis: the GP or the
/// GP post, who call the crisis service. Such things are no signals.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Draft(draft::Arguments),
    Weigh(weigh::Arguments),
    Post(post::Arguments),
    Renew(renew::Arguments),
    Withdraw(withdraw::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Watch(watch::Arguments),
    /// Tell that your organisation has seen a match; due within 5 working days
    Acknowledge(follow_up::Arguments),
    /// Take the lead in a match: the first professional who does has it
    Lead(follow_up::Arguments),
    /// Tell that you, as lead, spoke with the resident; the answer is the resident's
    Contact(follow_up::Arguments),
    Close(follow_up::CloseArguments),
    Settle(settle::Arguments),
    Counts(counts::Arguments),
    Send(signal_send::Arguments),
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    use follow_up::Step;
    match command {
        Command::Draft(arguments) => draft::run(arguments, context).await,
        Command::Weigh(arguments) => weigh::run(&arguments, context).await,
        Command::Post(arguments) => post::run(&arguments, context).await,
        Command::Renew(arguments) => renew::run(&arguments, context).await,
        Command::Withdraw(arguments) => withdraw::run(&arguments, context).await,
        Command::List(arguments) => list::run(&arguments, context).await,
        Command::Show(arguments) => show::run(&arguments, context).await,
        Command::Watch(arguments) => watch::run(&arguments, context).await,
        Command::Acknowledge(arguments) => follow_up::run(Step::Acknowledge, &arguments, context).await,
        Command::Lead(arguments) => follow_up::run(Step::Lead, &arguments, context).await,
        Command::Contact(arguments) => follow_up::run(Step::Contact, &arguments, context).await,
        Command::Close(arguments) => follow_up::close(&arguments, context).await,
        Command::Settle(arguments) => settle::run(&arguments, context).await,
        Command::Counts(arguments) => counts::run(&arguments, context).await,
        Command::Send(arguments) => signal_send::run(&arguments, context).await,
    }
}
