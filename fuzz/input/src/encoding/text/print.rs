//! Prints inputs as text.

use crate::encoding::VERSION;
use crate::encoding::header::Header;
use crate::encoding::input::Input;
use crate::encoding::operation::Operation;
use crate::encoding::setting::Setting;

/// Returns the whole text, with a line feed at its end.
#[must_use]
pub fn print<O: Operation>(target: &str, input: &Input<O>) -> String {
    let mut out = format!("# downbeat {target}, encoding {VERSION}\n");
    print_settings(O::SETTINGS, &input.header, &mut out);
    for operation in &input.operations {
        print_operation(operation, &mut out);
        out.push('\n');
    }
    out
}

/// One operation, without the end of its line.
#[must_use]
pub fn line<O: Operation>(operation: &O) -> String {
    let mut out = String::new();
    print_operation(operation, &mut out);
    out
}

/// Appends one operation, without the end of its line.
fn print_operation<O: Operation>(operation: &O, out: &mut String) {
    out.push_str(O::KINDS[operation.kind()].name);
    operation.print(out);
}

/// Every setting; settings with the same first word share a line.
pub fn print_settings(settings: &[Setting], header: &Header, out: &mut String) {
    let mut line = "";
    for (index, setting) in settings.iter().enumerate() {
        if setting.line != line {
            if !line.is_empty() {
                out.push('\n');
            }
            line = setting.line;
            out.push_str(line);
        }
        out.push(' ');
        if !setting.name.is_empty() {
            out.push_str(setting.name);
            out.push('=');
        }
        out.push_str(&setting.choices.print(header.index(index)));
    }
    out.push('\n');
}
