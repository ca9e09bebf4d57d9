"""The matcher's steps, one module each: ``step(book, payment)`` applies what it is certain of, or nothing."""
