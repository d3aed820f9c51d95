//! Finds the sanitizer that a program was built with.

use std::path::Path;

/// Returns the sanitizer that is linked into a program, by the symbols in its file. `None` if there
/// is none, or if the file cannot be read.
#[must_use]
pub fn find(program: &Path) -> Option<&'static str> {
    const SANITIZERS: [(&str, &str); 5] = [
        ("__asan_init", "AddressSanitizer"),
        ("__hwasan_init", "HWAddressSanitizer"),
        ("__msan_init", "MemorySanitizer"),
        ("__tsan_init", "ThreadSanitizer"),
        ("__lsan_init", "LeakSanitizer"),
    ];
    let bytes = std::fs::read(program).ok()?;
    SANITIZERS.into_iter().find_map(|(symbol, name)| {
        // In the symbol table, a zero byte precedes and follows a symbol. A string that only
        // contains the symbol does not match.
        let symbol = [b"\0", symbol.as_bytes(), b"\0"].concat();
        bytes.windows(symbol.len()).any(|window| window == symbol).then_some(name)
    })
}
