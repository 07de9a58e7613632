"""The custody log in the database, and the seam through which everything is written."""
