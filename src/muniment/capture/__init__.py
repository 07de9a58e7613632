"""Ways in: each module finds the files of one kind of source, and says where they came from."""
