//! `display`: the columns of the result, and no others. The last one decides.

use super::{Command, fields};
use crate::insights::{
    ast::{self, Verb},
    lowering::{Lowerer, Shown},
};

pub(super) const COMMAND: Command = Command {
    name: "display",
    syntax: "display expression [as name], …",
    help: "The columns of the result, and no others; of several, the last one decides.",
    example: "fields @message | parse @message '\"eventName\":\"*\"' as name | display name",
    parse: fields::items,
    lower,
};

fn lower(lowerer: &mut Lowerer<'_>, command: &ast::Command) {
    let Verb::Items(items) = &command.verb else { return };
    let names = fields::make(lowerer, items);
    lowerer.shown = Shown::Display(names);
}
