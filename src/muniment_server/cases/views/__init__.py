"""The pages of situations, cases and charges, and of the law they are measured by."""
