"""What ``explain`` says of each kind of id: one module a kind, listed in ``registry``."""
