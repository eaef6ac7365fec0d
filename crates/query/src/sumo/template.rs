//! Template variables of dashboards: `{{name}}`, and `$$name` of older ones. One without a value stands for `*`.

/// The values of template variables.
pub(crate) struct Template<'a> {
    values: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Template<'a> {
    pub fn new(values: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { values }
    }

    /// The value of a variable, if it has one.
    pub fn value(&self, name: &str) -> Option<String> {
        (self.values)(name)
    }

    /// Text with its variables replaced.
    pub fn fill(&self, text: &str) -> String {
        if !text.contains("{{") && !text.contains("$$") {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '$']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match variable(rest) {
                Some((name, length)) => {
                    out.push_str(&self.value(name).unwrap_or_else(|| "*".to_owned()));
                    rest = &rest[length..];
                }
                None => {
                    out.push_str(&rest[..1]);
                    rest = &rest[1..];
                }
            }
        }
        out + rest
    }
}

/// The name of the variable that the text begins with, and how many bytes it takes.
pub(crate) fn variable(text: &str) -> Option<(&str, usize)> {
    if let Some(inside) = text.strip_prefix("{{") {
        // No name is that long: what closes further away belongs to something else.
        let end = inside.bytes().take(120).position(|b| matches!(b, b'}' | b'{'))?;
        return inside[end..].starts_with("}}").then(|| (inside[..end].trim(), end + 4));
    }
    let name = text.strip_prefix("$$")?;
    let length = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    (length > 0).then(|| (&name[..length], length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_their_values() {
        let template = Template::new(&|name| (name == "a.b").then(|| "x".to_owned()));
        for (text, expected) in [("{{a.b}}-{{ c }}", "x-*"), ("$$c/y", "*/y"), ("$$ {{", "$$ {{"), ("plain", "plain")] {
            assert_eq!(template.fill(text), expected);
        }
        assert_eq!(variable("{{a}}b"), Some(("a", 5)));
        assert_eq!(variable("$$ab\"c\""), Some(("ab", 4)));
    }
}
