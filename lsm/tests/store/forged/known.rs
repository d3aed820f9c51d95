//! Forgeries that once led to a panic or to a wrong answer.
