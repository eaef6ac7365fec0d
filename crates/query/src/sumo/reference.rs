//! The reference of the language, from what operators, functions and aggregates say of themselves.

use super::{functions, operators};
use crate::language::{Entry, Part};

/// Forms of the grammar.
const FORMS: &[Entry] = &[
    Entry {
        part: Part::Form,
        name: "comments",
        syntax: "// … | /* … */",
        help: "What stands after two slashes, to the end of the line, or between `/*` and `*/`, is passed over.",
        example: "* | count by eventName // all events",
    },
    Entry {
        part: Part::Form,
        name: "fields",
        syntax: "<name> | %\"<name>\"",
        help: "A field, in any case; with characters that names do not have, in quotes after a percent sign.",
        example: "* | json \"userIdentity.type\" as %\"user type\" | count by %\"user type\"",
    },
    Entry {
        part: Part::Form,
        name: "if",
        syntax: "if(<condition>, <value>, <value>) as <name> | <condition> ? <value> : <value> as <name>",
        help: "One of two values.",
        example: "* | if(isEmpty(errorCode), \"Success\", \"Failure\") as status | count by status",
    },
    Entry {
        part: Part::Form,
        name: "scope",
        syntax: "[_sourceCategory=<name>] <keyword> \"<phrase>\" [or | !<keyword>] …",
        help: "Keywords and phrases before the first pipe, in any case and anywhere in the message; `*` stands for the rest of a word. The source category (or index, or view) chooses the log.",
        example: "_sourceCategory=aws/cloudtrail (Create* or Delete*) !AccessDenied \"\\\"awsRegion\\\":\\\"eu-west-1\\\"\"",
    },
    Entry {
        part: Part::Form,
        name: "subquery",
        syntax: "[subquery: <query> | compose <field>, …] | where [subquery: …] | where <field> in [subquery: …]",
        help: "Another query whose values this one looks for. With several fields a row has one of their combinations.",
        example: "* [subquery: \"Failed authentication\" | compose sourceIPAddress] | count by eventName",
    },
    Entry {
        part: Part::Form,
        name: "template variables",
        syntax: "{{<name>}} | $$<name>",
        help: "A dashboard's variable; `*` where it has no value.",
        example: "* | where if(\"{{name}}\" = \"*\", true, eventName matches \"{{name}}\")",
    },
];

/// Functions whose one argument is no number or field.
const EXAMPLES: &[(&str, &str)] = &[
    ("compareCIDRPrefix", "* | where compareCIDRPrefix(sourceIPAddress, \"10.0.0.0\", toInt(8))"),
    ("contains", "* | where contains(userAgent, \"aws-cli\")"),
    ("format", "* | format(\"%s in %s\", eventName, awsRegion) as what"),
    ("formatDate", "* | formatDate(_messagetime, \"yyyy-MM-dd\") as day | count by day"),
    ("getCIDRPrefix", "* | getCIDRPrefix(sourceIPAddress, 24) as network | count by network"),
    ("haversine", "* | haversine(39.04, -76.49, 39.04, 77.48) as kilometres"),
    (
        "jsonArrayContains",
        "* | json \"resources[*].type\" as types nodrop | where jsonArrayContains(types, \"AWS::S3::Bucket\")",
    ),
    ("matches", "* | where matches(eventName, \"Create*\")"),
    ("parseDate", "* | parseDate(\"2024-05-01\", \"yyyy-MM-dd\") as day"),
    ("replace", "* | replace(eventName, /^(Create|Delete)/, \"\") as resource | count by resource"),
    ("substring", "* | substring(eventName, 0, 3) as verb | count by verb"),
    ("tourl", "* | tourl(\"https://example.com\", \"more\") as link"),
];

/// An example of each function: by hand where it is more than a field, else over a field.
fn example(function: &functions::Function) -> &'static str {
    if let Some((_, example)) = EXAMPLES.iter().find(|(name, _)| *name == function.name) {
        return example;
    }
    match function.args.0 {
        0 => function.syntax,
        _ => "",
    }
}

/// Operators, then functions, aggregates, forms.
pub(super) fn entries() -> Vec<Entry> {
    let operators = operators::all().iter().map(|operator| Entry {
        part: Part::Command,
        name: operator.name,
        syntax: operator.syntax,
        help: operator.help,
        example: operator.example,
    });
    let functions = functions::all().iter().map(|function| Entry {
        part: Part::Function,
        name: function.name,
        syntax: function.syntax,
        help: function.help,
        example: if example(function).starts_with('*') { example(function) } else { "" },
    });
    operators.chain(functions).chain(operators::aggregate::entries()).chain(FORMS.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sumo::testing;

    #[test]
    fn every_example_lowers() {
        for entry in entries().into_iter().filter(|entry| !entry.example.is_empty()) {
            assert_eq!(testing::errors(entry.example), Vec::<String>::new(), "{}: {}", entry.name, entry.example);
        }
        for (name, _) in EXAMPLES {
            assert!(functions::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_part_is_sorted() {
        let entries = entries();
        for part in [Part::Command, Part::Function, Part::Aggregate, Part::Form] {
            let names: Vec<String> = entries
                .iter()
                .filter(|entry| entry.part == part)
                .map(|entry| entry.name.to_ascii_lowercase())
                .collect();
            assert!(names.is_sorted(), "{names:?}");
        }
    }
}
