"""Pictures of lists: how dated records spread over time, and where they lie. They know no model."""
