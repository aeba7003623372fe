"""What all layers know: data and rules without I/O."""
