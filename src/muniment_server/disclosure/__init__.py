"""What leaves, to whom."""
