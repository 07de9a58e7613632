"""The register: what is said to have happened."""
