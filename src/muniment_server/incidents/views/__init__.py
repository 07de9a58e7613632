"""The pages of the register, except the incident's record page, which shows what other apps know."""
