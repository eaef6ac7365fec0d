//! Names of ports and protocols.

use super::Function;
use crate::pipeline::{Func, Type};

pub(super) const PORT_NAME: Function = Function {
    name: "port_name",
    aliases: &[],
    syntax: "port_name(<port>)",
    help: "The service that IANA has registered for a port, such as ssh for 22; null where none is known.",
    example: "sourcetype=aws:cloudwatchlogs:vpcflow | eval service=port_name(dest_port) | stats count by service",
    arity: (1, 1),
    lower: |call| {
        let args = vec![call.text(0)?];
        call.make(Func::PortName, args, Type::Text)
    },
};

pub(super) const PROTOCOL_NAME: Function = Function {
    name: "protocol_name",
    aliases: &[],
    syntax: "protocol_name(<number>)",
    help: "The keyword of an IP protocol, such as tcp for 6; null where none is known.",
    example: "* | eval name=protocol_name(6)",
    arity: (1, 1),
    lower: |call| {
        let args = vec![call.text(0)?];
        call.make(Func::ProtocolName, args, Type::Text)
    },
};
