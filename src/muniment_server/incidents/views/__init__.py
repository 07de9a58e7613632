"""The pages of the register; the incident's record page stands where pages cross apps."""
