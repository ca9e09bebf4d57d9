"""What a request may change: rules over two versions of the records, and who asks for the second."""
