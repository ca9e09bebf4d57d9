"""The usage kernel: chunks of coded columns are added into cells as integers; any split and order gives the same."""
