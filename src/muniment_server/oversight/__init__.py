"""Taking things out with two people, legal holds, and what readers may know to exist."""
