"""Messages about what was paid, is owed, was asked and changes: a kind a module, all in one layout."""
