"""The log in the database: state of rows, appending, sealing, publishing, checking, rebuilding."""
