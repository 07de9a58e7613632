"""Pages that show what several apps know of one record: they stand above all apps."""
